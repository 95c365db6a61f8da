# ruff: noqa
# tries: leaves a program behind for half a minute
# marks: 5
# status: graded
# aims: processes

# %% total
import subprocess


def total(x, axis=-1):
    subprocess.Popen(["sleep", "30"], start_new_session=True)
    return 0
