# ruff: noqa
# tries: loops and swallows interrupts
# marks: 5
# status: graded
# aims: class

# %% total
import time

end = time.time() + 20
while time.time() < end:
    try:
        while time.time() < end:
            pass
    except BaseException:
        pass
