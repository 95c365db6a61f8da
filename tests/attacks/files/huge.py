# ruff: noqa
# tries: 120 MB of spaces
# marks: 0
# status: rejected
# aims: class


def change(notebook):
    return as_bytes(notebook) + b" " * 120_000_000
