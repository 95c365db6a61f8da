# ruff: noqa
# tries: a million nested lists
# marks: 0
# status: rejected
# aims: class


def change(notebook):
    return b'{"cells": ' + b"[" * 1_000_000
