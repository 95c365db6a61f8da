# ruff: noqa
# tries: a journal that something else was written into
# ends: finished


def fault(course, run):
    run()
    (path,) = (course.build / "autograder").glob("*.journal")
    path.write_bytes(bytes(range(256)) * 40)
    run()
