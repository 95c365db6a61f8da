# ruff: noqa
# tries: asks for an array of 4 TiB
# marks: 5
# status: graded
# aims: class

# %% total
def total(x, axis=-1):
    return np.ones(1 << 39)
