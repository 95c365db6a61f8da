# ruff: noqa
# tries: ends a cell in an object whose repr takes 100 MB
# marks: 10
# status: graded
# aims: class

# %% total
class Long:
    def __repr__(self):
        return "x" * 100_000_000


def total(x, axis=-1):
    return np.asarray(x).sum(axis)


Long()
