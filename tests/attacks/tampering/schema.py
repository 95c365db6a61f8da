# ruff: noqa
# tries: claims a schema version that does not exist
# marks: 5
# status: flagged
# aims: class


def change(notebook):
    for cell in notebook["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["schema_version"] = 99
