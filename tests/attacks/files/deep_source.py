# ruff: noqa
# tries: 500 brackets in a cell
# marks: 5
# status: graded
# aims: class


def change(notebook):
    notebook["cells"].insert(3, code("(" * 500 + ")" * 500))
