# ruff: noqa
# tries: an empty file
# marks: 0
# status: rejected
# aims: class


def change(notebook):
    return b""
