# ruff: noqa
# tries: a Python script
# marks: 0
# status: rejected
# aims: class


def change(notebook):
    return b"import numpy as np\n\n\ndef total(x, axis=-1):\n    return x.sum(axis)\n"
