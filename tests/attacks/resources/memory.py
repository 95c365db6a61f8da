# ruff: noqa
# tries: takes memory, 3 GiB at most
# marks: 5
# status: graded
# aims: class

# %% total
def total(x, axis=-1):
    taken = [b"x" * (1 << 24) for _ in range(192)]
    return len(taken)
