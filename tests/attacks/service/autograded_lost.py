# ruff: noqa
# tries: autograded notebooks that were deleted
# ends: finished


def fault(course, run):
    import shutil

    run()
    shutil.rmtree(course.autograded)
    run()
