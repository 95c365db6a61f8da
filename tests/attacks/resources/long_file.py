# ruff: noqa
# tries: writes one file of 100 MB
# marks: 5
# status: graded
# aims: class

# %% total
def total(x, axis=-1):
    with open("long", "wb") as file:
        for _ in range(100):
            file.write(bytes(1_000_000))
