# ruff: noqa
# tries: kills a process of the teacher
# marks: 5
# status: graded
# aims: processes

# %% total
import os


def total(x, axis=-1):
    os.kill(VICTIM, 9)
    return 0
