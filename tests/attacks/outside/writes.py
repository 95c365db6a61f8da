# ruff: noqa
# tries: writes into a file of the teacher
# marks: 5
# status: graded
# aims: files

# %% total
def total(x, axis=-1):
    with open(OUTSIDE + "/marker", "w") as file:
        file.write("changed")
    return 0
