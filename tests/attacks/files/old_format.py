# ruff: noqa
# tries: the notebook format of ten years ago
# marks: 5
# status: graded
# aims: class


def change(notebook):
    cells = []
    for cell in notebook["cells"]:
        cell = {key: value for key, value in cell.items() if key != "id"}
        if cell["cell_type"] == "code":
            cell |= {"input": cell.pop("source"), "language": "python"}
        cells.append(cell)
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}}
    return as_bytes(old | {"worksheets": [{"cells": cells}]})
