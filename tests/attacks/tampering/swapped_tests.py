# ruff: noqa
# tries: swaps the ids of two tests
# marks: 5
# status: flagged
# aims: marks


def change(notebook):
    first, second = by_id(notebook, "total-hidden"), by_id(notebook, "share-hidden")
    first["id"], second["id"] = second["id"], first["id"]
    first["metadata"], second["metadata"] = second["metadata"], first["metadata"]
