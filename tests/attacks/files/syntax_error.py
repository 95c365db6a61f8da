# ruff: noqa
# tries: a cell of its own that does not compile
# marks: 5
# status: graded
# aims: class


def change(notebook):
    notebook["cells"].insert(3, code("def ("))
