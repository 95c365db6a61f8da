# ruff: noqa
# tries: a file in the place of the folder of autograded notebooks
# marks: 10
# status: graded
# aims: class


def fault(course, run):
    course.autograded.write_text("in the way")
    run()
    course.autograded.unlink()
