# ruff: noqa
# tries: a folder in the place of the file
# marks: 0
# status: rejected
# aims: class


def place(folder, path):
    path.mkdir()
