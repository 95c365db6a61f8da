# ruff: noqa
# tries: a folder in the place of the journal
# ends: stopped
# says: journal .* could not be used


def fault(course, run):
    path = course.build / "autograder" / "01_tiny.journal"
    path.mkdir(parents=True)
    run()
    path.rmdir()
