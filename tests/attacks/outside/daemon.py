# ruff: noqa
# tries: leaves a process behind for half a minute
# marks: 5
# status: graded
# aims: processes

# %% total
import os
import time


def total(x, axis=-1):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(30)
        os._exit(0)
    return 0
