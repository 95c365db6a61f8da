# ruff: noqa
# tries: forks eight processes that sleep for some seconds
# marks: 5
# status: graded
# aims: processes

# %% total
import os
import time


def total(x, axis=-1):
    for _ in range(8):
        if os.fork() == 0:
            time.sleep(15)
            os._exit(0)
