# ruff: noqa
# tries: tags the tests alone skip-execution
# marks: 5
# status: flagged
# aims: marks


def change(notebook):
    for name in ("total-of-rows", "total-hidden"):
        by_id(notebook, name)["metadata"]["tags"] = ["skip-execution"]
