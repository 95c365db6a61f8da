# ruff: noqa
# tries: a gradebook that another program holds for a second
# ends: finished


def fault(course, run):
    import sqlite3
    import threading
    import time

    held = threading.Event()

    def hold():
        database = sqlite3.connect(course.gradebook)
        database.execute("begin exclusive")
        held.set()
        time.sleep(1)
        database.close()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    run()
    thread.join()
