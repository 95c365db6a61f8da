# ruff: noqa
# tries: warns, on stderr, and is right
# marks: 10
# status: graded
# aims: class

# %% total
import sys
import warnings

warnings.warn("careful")
print("careful", file=sys.stderr)


def total(x, axis=-1):
    warnings.warn("careful")
    return np.asarray(x).sum(axis)
