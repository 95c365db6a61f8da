# ruff: noqa
# tries: a byte order mark
# marks: 5
# status: graded
# aims: class


def change(notebook):
    return b"\xef\xbb\xbf" + as_bytes(notebook)
