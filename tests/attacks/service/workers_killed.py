# ruff: noqa
# tries: workers killed while they work, twice
# ends: finished


def fault(course, run):
    import os
    import signal
    import threading

    from tests.attacks.corpus import below

    own, killed = below(os.getpid()), []

    def kill():
        for begun in (1, 3):
            run.wait_for(begun)
            for pid in below(os.getpid()) - own - set(killed):
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)

    thread = threading.Thread(target=kill)
    thread.start()
    run()
    thread.join()
    assert len(killed) == 2
