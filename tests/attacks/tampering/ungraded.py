# ruff: noqa
# tries: marks a test as not graded
# marks: 5
# status: flagged
# aims: marks


def change(notebook):
    by_id(notebook, "total-hidden")["metadata"]["nbgrader"]["grade"] = False
