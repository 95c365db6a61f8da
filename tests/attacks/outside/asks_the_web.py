# ruff: noqa
# tries: asks a web server on this machine
# marks: 5
# status: graded
# aims: network

# %% total
from urllib.request import urlopen


def total(x, axis=-1):
    return urlopen(f"http://127.0.0.1:{PORT}/", timeout=2).read()
