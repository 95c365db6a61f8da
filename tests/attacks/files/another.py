# ruff: noqa
# tries: another course's notebook
# marks: 0
# status: rejected
# aims: class


def change(notebook):
    return as_bytes({"cells": [code("print(1)")], "nbformat": 4, "metadata": {}})
