# ruff: noqa
# tries: deletes the tests
# marks: 5
# status: flagged
# aims: marks


def change(notebook):
    for name in ("total-of-rows", "total-hidden"):
        notebook["cells"].pop(index(notebook, name))
