# ruff: noqa
# tries: a folder in the place of one autograded notebook
# ends: stopped
# says: autograded.* could not be written


def fault(course, run):
    path = course.autograded / "bob" / "01_tiny" / "01_tiny.ipynb"
    path.mkdir(parents=True)
    run()
    path.rmdir()
