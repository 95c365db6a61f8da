# ruff: noqa
# tries: a gradebook that is moved away while the class is graded
# ends: stopped
# says: gradebook could not be


def fault(course, run):
    import threading

    away = course.gradebook.with_suffix(".away")

    def move():
        run.wait_for(2)
        course.gradebook.rename(away)

    thread = threading.Thread(target=move)
    thread.start()
    run()
    thread.join()
    away.replace(course.gradebook)
