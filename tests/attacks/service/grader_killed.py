# ruff: noqa
# tries: SIGKILL for the grader while it is at the second student
# ends: killed


def fault(course, run):
    import time
    from pathlib import Path

    from attacks.corpus import below

    process = run.start()
    run.wait_for(2)
    workers = below(process.pid)
    assert workers
    process.kill()
    run.wait(process)
    until = time.monotonic() + 10
    while any(Path(f"/proc/{pid}/exe").exists() for pid in workers):
        assert time.monotonic() < until, "a worker outlives its grader"
        time.sleep(0.05)
