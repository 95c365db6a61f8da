# ruff: noqa
# tries: opens 2000 files and keeps them open
# marks: 5
# status: graded
# aims: class

# %% total
def total(x, axis=-1):
    return [open("/dev/null") for _ in range(2000)]
