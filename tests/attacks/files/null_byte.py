# ruff: noqa
# tries: a zero byte in a cell
# marks: 5
# status: graded
# aims: class


def change(notebook):
    notebook["cells"].insert(3, code("x = '\0'"))
