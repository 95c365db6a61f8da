# ruff: noqa
# tries: raises with a message of 50 MB
# marks: 5
# status: graded
# aims: class

# %% total
def total(x, axis=-1):
    raise ValueError("x" * 50_000_000)
