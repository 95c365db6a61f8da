# ruff: noqa
# tries: prints 20 MB in lines
# marks: 10
# status: graded
# aims: class

# %% total
def total(x, axis=-1):
    for _ in range(200):
        print("x" * 99_999)
    return np.asarray(x).sum(axis)
