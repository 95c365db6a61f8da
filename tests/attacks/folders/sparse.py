# ruff: noqa
# tries: a file of 300 MB that takes no space
# marks: 0
# status: rejected
# aims: class


def place(folder, path):
    import os

    path.touch()
    os.truncate(path, 300_000_000)
