# ruff: noqa
# tries: prints one line of 30 MB
# marks: 10
# status: graded
# aims: class

# %% total
print("x" * 30_000_000)


def total(x, axis=-1):
    return np.asarray(x).sum(axis)
