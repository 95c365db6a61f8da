# ruff: noqa
# tries: a gradebook that something else was written into
# ends: stopped
# says: gradebook could not be opened


def fault(course, run):
    whole = course.gradebook.read_bytes()
    course.gradebook.write_bytes(bytes(range(256)) * 40)
    run()
    course.gradebook.write_bytes(whole)
