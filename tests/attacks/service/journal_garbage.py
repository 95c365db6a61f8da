# ruff: noqa
# tries: a journal that something else was written into
# marks: 10
# status: graded
# aims: class


def fault(course, run):
    run()
    for path in (course.build / "autograder").glob("*.journal"):
        path.write_bytes(bytes(range(256)) * 40)
