# ruff: noqa
# tries: a compressed notebook that grows to 100 MB
# marks: 0
# status: rejected
# aims: class


def change(notebook):
    import gzip

    return gzip.compress(as_bytes(notebook) + b" " * 100_000_000, 1)
