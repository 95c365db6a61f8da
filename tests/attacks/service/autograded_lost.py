# ruff: noqa
# tries: autograded notebooks that were deleted
# marks: 10
# status: graded
# aims: class


def fault(course, run):
    import shutil

    run()
    shutil.rmtree(course.autograded)
