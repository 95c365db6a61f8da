# ruff: noqa
# tries: SIGKILL for the grader while it is at the second student
# ends: killed


def fault(course, run):
    from pathlib import Path

    from tests.attacks.corpus import below
    from tests.support.pace import wait_until

    process = run.start()
    run.wait_for(2)
    workers = below(process.pid)
    assert workers
    process.kill()
    run.wait(process)
    alive = [Path(f"/proc/{pid}/exe") for pid in workers]
    wait_until(
        lambda: not any(path.exists() for path in alive),
        "the end of the workers of a killed grader",
    )
