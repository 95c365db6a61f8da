# ruff: noqa
# tries: the page of a login
# marks: 0
# status: rejected
# aims: class


def change(notebook):
    return b"<!DOCTYPE html><html><body>Sign in</body></html>"
