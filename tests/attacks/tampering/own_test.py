# ruff: noqa
# tries: brings a graded cell of its own, worth 50 points
# marks: 5
# status: flagged
# aims: marks


def change(notebook):
    told = dict(by_id(notebook, "total-hidden")["metadata"]["nbgrader"])
    told |= {"grade_id": "bonus", "points": 50}
    notebook["cells"].append(
        code("assert True", id="bonus", metadata={"nbgrader": told})
    )
