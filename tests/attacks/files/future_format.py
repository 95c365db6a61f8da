# ruff: noqa
# tries: a notebook format that does not exist yet
# marks: 5
# status: graded
# aims: class


def change(notebook):
    notebook["nbformat"] = 99
