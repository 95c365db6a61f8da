# ruff: noqa
# tries: a link to a file of the teacher
# marks: 0
# status: rejected
# aims: secrets


def place(folder, path):
    path.symlink_to(folder.parent.parent.parent.parent / "teacher" / "secret")
