# ruff: noqa
# tries: makes the tests text
# marks: 5
# status: flagged
# aims: marks


def change(notebook):
    for name in ("total-of-rows", "total-hidden"):
        by_id(notebook, name)["cell_type"] = "markdown"
