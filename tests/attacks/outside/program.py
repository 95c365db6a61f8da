# ruff: noqa
# tries: starts a program that connects to a service
# marks: 5
# status: graded
# aims: network

# %% total
import subprocess
import sys


def total(x, axis=-1):
    what = f"import socket; socket.create_connection(('127.0.0.1', {PORT}), 2)"
    subprocess.Popen([sys.executable, "-c", what]).wait(10)
    return 0
