# ruff: noqa
# tries: loops where no interrupt is looked at
# marks: 5
# status: graded
# aims: class

# %% total
def total(x, axis=-1):
    return sum(range(10**9))
