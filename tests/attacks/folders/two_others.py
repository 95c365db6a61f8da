# ruff: noqa
# tries: two notebooks, both under other names
# marks: 0
# status: rejected
# aims: class


def place(folder, path):
    for number in (1, 2):
        (folder / f"{path.stem} ({number}).ipynb").write_text("{}")
