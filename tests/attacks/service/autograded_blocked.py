# ruff: noqa
# tries: a file in the place of the folder of autograded notebooks
# ends: stopped
# says: autograded.* could not be written


def fault(course, run):
    course.autograded.write_text("in the way")
    run()
    course.autograded.unlink()
