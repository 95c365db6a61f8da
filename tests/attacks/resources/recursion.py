# ruff: noqa
# tries: recurses without end
# marks: 5
# status: graded
# aims: class

# %% total
def total(x, axis=-1):
    return total(x, axis)
