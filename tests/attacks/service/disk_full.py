# ruff: noqa
# tries: a disk on which no file may grow
# marks: 10
# status: graded
# aims: class


def fault(course, run):
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, before[1]))
    try:
        run()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
