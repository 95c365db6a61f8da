# ruff: noqa
# tries: lifts the limit of recursion, then recurses
# marks: 5
# status: graded
# aims: class

# %% total
import sys

sys.setrecursionlimit(10**6)


def total(x, axis=-1):
    return max([total(x, axis)], key=lambda found: total(found, axis))
