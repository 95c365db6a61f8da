# ruff: noqa
# tries: raises an exception whose class has a hostile name
# marks: 5
# status: graded
# aims: class

# %% total
Odd = type("<script>alert(1)</script>\n", (Exception,), {"__module__": "\ud800"})


def total(x, axis=-1):
    raise Odd("x")
