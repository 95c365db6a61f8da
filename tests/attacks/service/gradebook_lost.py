# ruff: noqa
# tries: a gradebook that is gone, and its journal is not
# marks: 10
# status: graded
# aims: class


def fault(course, run):
    run()
    course.gradebook.unlink()
