# ruff: noqa
# tries: sleeps
# marks: 5
# status: graded
# aims: class

# %% total
import time


def total(x, axis=-1):
    time.sleep(20)
