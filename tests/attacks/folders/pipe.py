# ruff: noqa
# tries: a pipe to which nobody writes
# marks: 0
# status: rejected
# aims: class


def place(folder, path):
    import os

    os.mkfifo(path)
