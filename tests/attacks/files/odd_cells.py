# ruff: noqa
# tries: cells that are no cells
# marks: 5
# status: graded
# aims: class


def change(notebook):
    notebook["cells"] = [None, 3, "x", *notebook["cells"]]
