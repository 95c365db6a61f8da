# ruff: noqa
# tries: prints escape codes of terminals
# marks: 10
# status: graded
# aims: class

# %% total
print("\x1b]0;title\x07\x1b[2J\x1b[31mred\x1b[8m hidden \x9b1m")


def total(x, axis=-1):
    return np.asarray(x).sum(axis)
