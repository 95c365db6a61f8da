# ruff: noqa
# tries: tags the tests raises-exception
# marks: 5
# status: flagged
# aims: marks


def change(notebook):
    for name in ("total-of-rows", "total-hidden"):
        by_id(notebook, name)["metadata"]["tags"] = ["raises-exception"]
