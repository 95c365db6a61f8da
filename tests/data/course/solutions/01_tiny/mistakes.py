"""Wrong and other right answers to the tiny assignment."""
# ruff: noqa

import numpy as np


# %% mistake="total-flat" of="total" fails="total-of-rows total-hidden share-sums-to-one share-hidden"
# hint: You add up the whole array: the sum takes `axis=axis`.
# see: sec-01-total
def total(x, axis=-1):
    return np.asarray(x).sum()


# %% mistake="total-last" of="total" fails="total-hidden share-hidden"
# hint: You always add up the last axis. Look at what `axis` says.
# see: sec-01-total
def total(x, axis=-1):
    return np.asarray(x).sum(axis=-1)


# %% mistake="share-not-divided" of="share" fails="share-sums-to-one share-hidden"
# hint: You return the numbers as they came. Each has to be
#   divided by the total.
# see: sec-01-share
def share(x, axis=-1):
    return np.asarray(x)


# %% mistake="share-last" of="share" fails="share-hidden"
# hint: You divide along the last axis whatever `axis` says.
# see: sec-01-share
def share(x, axis=-1):
    return x / total(x)[..., None]


# %% right="loops" of="total"
def total(x, axis=-1):
    result = 0
    for part in np.moveaxis(np.asarray(x), axis, 0):
        result = result + part
    return result


# %% right="keepdims" of="total"
def total(x, axis=-1):
    return np.add.reduce(x, axis=axis)


# %% right="keepdims" of="share"
def share(x, axis=-1):
    x = np.asarray(x)
    return x / x.sum(axis=axis, keepdims=True)


# %% [markdown] answer="short" of="why-zero" points=1
# If the numbers are all 0 it breaks.
