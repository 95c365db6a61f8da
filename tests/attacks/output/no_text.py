# ruff: noqa
# tries: prints bytes that are no text
# marks: 10
# status: graded
# aims: class

# %% total
import os

os.write(1, bytes(range(256)))


def total(x, axis=-1):
    return np.asarray(x).sum(axis)
