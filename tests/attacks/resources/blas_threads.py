# ruff: noqa
# tries: asks for 64 threads of linear algebra
# marks: 5
# status: graded
# aims: class

# %% total
import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "64"


def total(x, axis=-1):
    square = np.ones((600, 600))
    for _ in range(20):
        square = square @ square / 600
    return square
