# ruff: noqa
# tries: returns a list of two million numbers
# marks: 5
# status: graded
# aims: class

# %% total
def total(x, axis=-1):
    return list(range(2_000_000))
