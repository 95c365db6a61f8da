"""Key-value memories (Miller et al. 2016) and histories that a candidate reads."""

import numpy as np

from attention.mechanisms.pooling import soft_lookup, softmax


def key_value_read(
    query: np.ndarray, keys: np.ndarray, values: np.ndarray, hops: int
) -> tuple[np.ndarray, np.ndarray]:
    """Read a memory several times; what comes back is added to the query, (d,).

    Keys and values are both (n, d). Return the last query, (d,), and the weights of
    each hop, (hops, n): section 3.1 with R = 1. Raise ValueError on other shapes.
    """
    if values.shape != keys.shape:
        raise ValueError(f"values must be {keys.shape}, got {values.shape}")
    weights = np.zeros((hops, len(keys)))
    for hop in range(hops):
        found, weights[hop] = soft_lookup(query, keys, values)
        query = query + found
    return query, weights


def answer_slope(
    states: np.ndarray, R: np.ndarray, keys: np.ndarray, right: np.ndarray
) -> tuple[float, np.ndarray]:
    """Return the loss of reading with the queries R q, and its derivative by R.

    States are (questions, d), R (d, d), keys (n, d); `right`, (questions, n), is True
    at the facts that hold the answer. Raise ValueError if a question has none.
    """
    if not right.any(-1).all():
        raise ValueError("every question needs a fact that holds its answer")
    weights = softmax(states @ R.T @ keys.T)  # (questions, n)
    on_right = (weights * right).sum(-1, keepdims=True)
    wanted = weights * right / on_right
    slope = ((weights - wanted) @ keys).T @ states / len(states)
    return -np.log(on_right).mean(), slope


def interest(
    candidate: np.ndarray,
    history: np.ndarray,
    sharpness: float,
) -> float:
    """Score a candidate, (d,), by what it attends to in a history, (n, d).

    Raise ValueError unless the history's items are as wide as the candidate.
    """
    if history.shape != (len(history), len(candidate)):
        expected = (len(history), len(candidate))
        raise ValueError(f"history must be {expected}, got {history.shape}")
    profile, _ = soft_lookup(sharpness * candidate, history, history)
    return float(candidate @ profile)
