# ruff: noqa
# tries: hands in a test twice
# marks: 5
# status: flagged
# aims: class


def change(notebook):
    notebook["cells"].append(by_id(notebook, "total-hidden"))
