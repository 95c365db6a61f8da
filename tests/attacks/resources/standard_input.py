# ruff: noqa
# tries: waits for an answer on the keyboard
# marks: 5
# status: graded
# aims: class

# %% total
def total(x, axis=-1):
    return float(input("the total? "))
