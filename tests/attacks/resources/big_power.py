# ruff: noqa
# tries: computes a number of a billion digits
# marks: 5
# status: graded
# aims: class

# %% total
def total(x, axis=-1):
    return len(str(7 ** (10**8)))
