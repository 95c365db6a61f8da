# ruff: noqa
# tries: a file with the marks of a merge conflict
# marks: 0
# status: rejected
# aims: class


def change(notebook):
    return as_bytes(notebook).replace(b'"cells"', b'\n<<<<<<< HEAD\n"cells"')
