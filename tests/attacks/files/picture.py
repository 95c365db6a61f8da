# ruff: noqa
# tries: a picture
# marks: 0
# status: rejected
# aims: class


def change(notebook):
    return b"\x89PNG\r\n\x1a\n" + bytes(range(256))
