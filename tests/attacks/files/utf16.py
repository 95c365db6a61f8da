# ruff: noqa
# tries: UTF-16, as some editors save it
# marks: 5
# status: graded
# aims: class


def change(notebook):
    return as_bytes(notebook).decode().encode("utf-16")
