# ruff: noqa
# tries: has lost all metadata and ids
# marks: 5
# status: flagged
# aims: class


def change(notebook):
    for cell in notebook["cells"]:
        cell.pop("id")
        cell["metadata"] = {}
