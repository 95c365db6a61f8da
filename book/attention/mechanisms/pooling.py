"""Attention pooling in NumPy: weighted means of values, from dictionary to kernel."""

import numpy as np


def softmax(scores: np.ndarray) -> np.ndarray:
    """Turn scores, (..., n), into positive weights, (..., n), that sum to 1."""
    shifted = scores - scores.max(-1, keepdims=True)  # exp(1000) would overflow
    exponentials = np.exp(shifted)
    return exponentials / exponentials.sum(-1, keepdims=True)


def soft_lookup(
    query: np.ndarray, keys: np.ndarray, values: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mix the values, (n, v), by how well their keys, (n, d), fit one query, (d,).

    Return the mixture, (v,), and the weights, (n,). Raise ValueError on other shapes.
    """
    if keys.shape != (len(values), len(query)):
        expected = (len(values), len(query))
        raise ValueError(f"keys must be {expected}, got {keys.shape}")
    weights = softmax(keys @ query)
    return weights @ values, weights


def masked_softmax(scores: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Share the weights of one row, (n,), among the keys where the mask is True.

    Return zeros if there is none. Raise ValueError unless the mask is (n,) as well.
    """
    if scores.shape != mask.shape:
        raise ValueError(f"mask must be {scores.shape}, got {mask.shape}")
    weights = np.zeros(len(scores))
    if mask.any():
        weights[mask] = softmax(scores[mask])
    return weights


def gaussian(u: np.ndarray) -> np.ndarray:
    """Return the Gaussian kernel at the distances u, (...): it has no end."""
    return np.exp(-(u**2) / 2) / np.sqrt(2 * np.pi)


def triangular(u: np.ndarray) -> np.ndarray:
    """Return the triangular kernel at the distances u, (...): 0 from 1 on."""
    return np.maximum(0, 1 - np.abs(u))


def epanechnikov(u: np.ndarray) -> np.ndarray:
    """Return the Epanechnikov kernel at the distances u, (...): 0 from 1 on."""
    return 0.75 * np.maximum(0, 1 - u**2)


def nadaraya_watson(
    x_query: np.ndarray, x_train: np.ndarray, y_train: np.ndarray, width: float
) -> np.ndarray:
    """Predict y at each x_query, (m,), from training pairs (n,) by a Gaussian kernel.

    Return the predictions, (m,). Raise ValueError unless the width is positive.
    """
    if width <= 0:
        raise ValueError(f"width must be positive, got {width}")
    u = (x_query[:, None] - x_train) / width  # (m, n)
    return softmax(-(u**2) / 2) @ y_train


def error_and_slope(
    x: np.ndarray, y: np.ndarray, log_width: float, leave_self_out: bool = True
) -> tuple[float, float]:
    """Predict each y, (n,), from the pairs; return the error and its derivative.

    The error is the mean square; the derivative is by the logarithm of the width.
    Raise ValueError if there are fewer than two pairs.
    """
    if len(x) < 2:
        raise ValueError(f"at least 2 pairs are needed, got {len(x)}")
    squares = ((x[:, None] - x) / np.exp(log_width)) ** 2  # (n, n)
    self = np.eye(len(x), dtype=bool) & leave_self_out
    weights = softmax(np.where(self, -np.inf, -squares / 2))
    predicted = weights @ y
    slopes = (weights * squares) @ y - (weights * squares).sum(-1) * predicted
    return np.mean((predicted - y) ** 2), np.mean(2 * (predicted - y) * slopes)


def learn_width(x: np.ndarray, y: np.ndarray, leave_self_out: bool = True) -> float:
    """Return the width, from 1 down the slope of the error of the pairs, (n,)."""
    log_width = 0.0
    for _ in range(200):
        log_width -= 0.2 * error_and_slope(x, y, log_width, leave_self_out)[1]
    return float(np.exp(log_width))
