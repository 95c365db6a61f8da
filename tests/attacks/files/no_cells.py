# ruff: noqa
# tries: a notebook whose cells are null
# marks: 0
# status: rejected
# aims: class


def change(notebook):
    notebook["cells"] = None
