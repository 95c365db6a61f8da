# ruff: noqa
# tries: a journal of which half is left
# marks: 10
# status: graded
# aims: class


def fault(course, run):
    run()
    for path in (course.build / "autograder").glob("*.journal"):
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2])
