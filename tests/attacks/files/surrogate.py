# ruff: noqa
# tries: half a character in an answer
# marks: 5
# status: graded
# aims: class


def change(notebook):
    by_id(notebook, "why-zero")["source"] = "a \ud800 b"
