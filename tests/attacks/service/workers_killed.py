# ruff: noqa
# tries: workers killed while they work
# marks: 10
# status: graded
# aims: class


def fault(course, run):
    import os
    import signal
    import threading
    import time

    from attacks.corpus import below

    own, ended = below(os.getpid()), threading.Event()

    def kill():
        for _ in range(2):
            new = set()
            while not new and not ended.is_set():
                time.sleep(0.05)
                new = below(os.getpid()) - own
            time.sleep(0.4)
            for pid in new:
                os.kill(pid, signal.SIGKILL)
            own.update(new)

    thread = threading.Thread(target=kill)
    thread.start()
    run()
    ended.set()
    thread.join()
