# ruff: noqa
# tries: turns the tests into tasks marked by hand
# marks: 5
# status: flagged
# aims: marks


def change(notebook):
    for name in ("total-of-rows", "total-hidden"):
        told = by_id(notebook, name)["metadata"]["nbgrader"]
        told |= {"task": True, "grade": False}
