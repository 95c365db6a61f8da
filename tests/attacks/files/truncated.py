# ruff: noqa
# tries: the first half of a file
# marks: 0
# status: rejected
# aims: class


def change(notebook):
    content = as_bytes(notebook)
    return content[: len(content) // 2]
