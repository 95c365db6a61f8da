# ruff: noqa
# tries: makes 6000 empty files
# marks: 5
# status: graded
# aims: class

# %% total
def total(x, axis=-1):
    for number in range(6000):
        open(f"empty-{number}", "w").close()
