# ruff: noqa
# tries: a cell of 10 MB
# marks: 0
# status: rejected
# aims: class


def change(notebook):
    by_id(notebook, "total")["source"] = "x = 1\n" * 2_000_000
