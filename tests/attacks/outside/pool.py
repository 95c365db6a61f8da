# ruff: noqa
# tries: starts processes by multiprocessing and leaves them
# marks: 5
# status: graded
# aims: processes

# %% total
import multiprocessing
import time


def total(x, axis=-1):
    process = multiprocessing.get_context("fork").Process
    for _ in range(2):
        process(target=time.sleep, args=(20,), daemon=False).start()
    return 0
