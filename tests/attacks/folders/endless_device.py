# ruff: noqa
# tries: a link to a device that never ends
# marks: 0
# status: rejected
# aims: class


def place(folder, path):
    path.symlink_to("/dev/zero")
