# ruff: noqa
# tries: a pipe in the place of the time stamp, and no notebook
# marks: 0
# status: rejected
# aims: class


def place(folder, path):
    import os

    os.mkfifo(folder / "timestamp.txt")
