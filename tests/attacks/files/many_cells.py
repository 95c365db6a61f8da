# ruff: noqa
# tries: 12,000 cells
# marks: 0
# status: rejected
# aims: class


def change(notebook):
    notebook["cells"] += [code("1") for _ in range(12_000)]
