# ruff: noqa
# tries: gives a test another id
# marks: 5
# status: flagged
# aims: marks


def change(notebook):
    cell = by_id(notebook, "total-hidden")
    cell["id"] = cell["metadata"]["nbgrader"]["grade_id"] = "mine"
