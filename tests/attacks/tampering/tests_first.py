# ruff: noqa
# tries: puts the tests before the cells that they test
# marks: 5
# status: flagged
# aims: marks


def change(notebook):
    notebook["cells"].reverse()
