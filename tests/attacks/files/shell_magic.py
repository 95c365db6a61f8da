# ruff: noqa
# tries: a cell of shell commands and magics
# marks: 5
# status: graded
# aims: class


def change(notebook):
    notebook["cells"].insert(3, code("%%bash\nexit 1"))
    notebook["cells"].insert(4, code("%matplotlib inline\n!true\n?len"))
