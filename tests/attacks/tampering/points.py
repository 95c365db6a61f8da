# ruff: noqa
# tries: makes the tests worth 1000 points
# marks: 5
# status: flagged
# aims: marks


def change(notebook):
    for cell in notebook["cells"]:
        if "points" in cell["metadata"].get("nbgrader", {}):
            cell["metadata"]["nbgrader"]["points"] = 1000
