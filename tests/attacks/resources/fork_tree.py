# ruff: noqa
# tries: forks five times in a row: 32 processes for some seconds
# marks: 5
# status: graded
# aims: processes

# %% total
import os
import time

parent = os.getpid()
for _ in range(5):
    os.fork()
if os.getpid() != parent:
    time.sleep(15)
    os._exit(0)
