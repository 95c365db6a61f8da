# ruff: noqa
# tries: loops
# marks: 5
# status: graded
# aims: class

# %% total
import time


def total(x, axis=-1):
    end = time.time() + 20
    while time.time() < end:
        pass
