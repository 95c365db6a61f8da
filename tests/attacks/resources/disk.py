# ruff: noqa
# tries: writes 200 MB
# marks: 5
# status: graded
# aims: class

# %% total
def total(x, axis=-1):
    for number in range(20):
        with open(f"part-{number}", "wb") as file:
            file.write(bytes(10_000_000))
