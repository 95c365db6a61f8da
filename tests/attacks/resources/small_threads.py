# ruff: noqa
# tries: starts 2000 threads with small stacks that sleep
# marks: 5
# status: graded
# aims: class

# %% total
import threading
import time


def total(x, axis=-1):
    threading.stack_size(32 << 10)
    for _ in range(2000):
        threading.Thread(target=time.sleep, args=(10,), daemon=True).start()
    return 0
