# ruff: noqa
# tries: matches a regular expression that takes years
# marks: 5
# status: graded
# aims: class

# %% total
import re


def total(x, axis=-1):
    return re.match(r"(a+)+$", "a" * 40 + "b")
