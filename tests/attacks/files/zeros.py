# ruff: noqa
# tries: five thousand zeros
# marks: 0
# status: rejected
# aims: class


def change(notebook):
    return bytes(5000)
