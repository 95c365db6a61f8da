# ruff: noqa
# tries: prints zeros, lone surrogates and marks that turn text round
# marks: 10
# status: graded
# aims: class

# %% total
print("a\0b \u202e txet \ufeff \u2028 " + "\ud800".encode("utf-8", "replace").decode())


def total(x, axis=-1):
    return np.asarray(x).sum(axis)
