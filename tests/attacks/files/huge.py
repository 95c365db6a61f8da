# ruff: noqa
# tries: 60 MB of spaces
# marks: 0
# status: rejected
# aims: class


def change(notebook):
    return as_bytes(notebook) + b" " * 60_000_000
