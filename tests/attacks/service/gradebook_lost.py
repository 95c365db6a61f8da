# ruff: noqa
# tries: a gradebook that was deleted
# ends: stopped
# says: gradebook does not know .* Run `python -m autograder release 01_tiny` first


def fault(course, run):
    from autograder.gradebook.release import release

    run()
    run.ended.clear()
    course.gradebook.unlink()
    run()
    release(course, "01_tiny")
