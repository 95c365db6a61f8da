# ruff: noqa
# tries: a link to itself
# marks: 0
# status: rejected
# aims: class


def place(folder, path):
    path.symlink_to(path.name)
