# ruff: noqa
# tries: a folder without a file
# marks: 0
# status: rejected
# aims: class


def place(folder, path):
    (folder / "notes.txt").write_text("I will hand in tomorrow.")
