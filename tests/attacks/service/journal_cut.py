# ruff: noqa
# tries: a journal of which half is left
# ends: finished


def fault(course, run):
    run()
    (path,) = (course.build / "autograder").glob("*.journal")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    run()
