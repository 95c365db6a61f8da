# ruff: noqa
# tries: ignores all signals and sleeps
# marks: 5
# status: graded
# aims: class

# %% total
import signal
import time

for number in range(1, 32):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
time.sleep(20)
