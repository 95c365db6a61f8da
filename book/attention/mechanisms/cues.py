"""Cues, weights and what comes back: attention over a handful of things."""

import numpy as np


def conspicuity(features: np.ndarray) -> np.ndarray:
    """Return how much each thing, a row of (n, d), differs from the others.

    All features add up, (n,). Raise ValueError for less than 2 things.
    """
    n = len(features)
    if n < 2:
        raise ValueError(f"at least 2 things are needed, got {n}")
    others = (features.sum(0) - features) / (n - 1)  # (n, d)
    return np.abs(features - others).sum(-1)


def cue_weights(scores: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Turn scores of any shape into positive weights that sum to 1 over all.

    A low temperature sharpens them. Raise ValueError unless it is positive.
    """
    if temperature <= 0:
        raise ValueError(f"temperature must be positive, got {temperature}")
    exponentials = np.exp((scores - scores.max()) / temperature)
    return exponentials / exponentials.sum()


def attend(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the sum, (v,), of the values, (n, v), times their weights, (n,).

    Raise ValueError unless there are as many weights as values.
    """
    if weights.shape != (len(values),):
        raise ValueError(f"weights must be {(len(values),)}, got {weights.shape}")
    return weights @ values


def volitional_scores(features: np.ndarray, query: np.ndarray) -> np.ndarray:
    """Score things or places, (..., d), by how well they fit what is wanted, (d,).

    Return (...). Raise ValueError unless both have d features.
    """
    if features.shape[-1:] != query.shape:
        raise ValueError(f"query must be {features.shape[-1:]}, got {query.shape}")
    return features @ query


def combine_cues(saliency: np.ndarray, task: np.ndarray, gain: float) -> np.ndarray:
    """Add the task's scores, times a gain, to the saliency; all have one shape.

    Raise ValueError if the shapes differ.
    """
    if saliency.shape != task.shape:
        raise ValueError(f"task must be {saliency.shape}, got {task.shape}")
    return saliency + gain * task
