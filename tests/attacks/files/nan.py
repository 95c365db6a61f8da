# ruff: noqa
# tries: numbers that JSON does not have
# marks: 5
# status: graded
# aims: class


def change(notebook):
    notebook["metadata"]["loss"] = [float("nan"), float("inf")]
