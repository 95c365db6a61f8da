# ruff: noqa
# tries: connects to a service on this machine
# marks: 5
# status: graded
# aims: network

# %% total
import socket


def total(x, axis=-1):
    with socket.create_connection(("127.0.0.1", PORT), timeout=2) as line:
        line.sendall(b"x")
    return 0
