"""Local attention: Luong, Pham and Manning (2015), section 3.2.

Positions count from 0, as Python does: the first source token is at 0.
"""

import torch
from torch import Tensor


def local_window_mask(
    position: Tensor, lengths: Tensor, half_width: float, n_keys: int
) -> Tensor:
    """Let each query see the real keys in [p_t - D, p_t + D], both ends included.

    Args:
        position: (...), the centre p_t of each query's window, whole or not.
        lengths: broadcastable to `position`; keys from there on are padding.
        half_width: D.
        n_keys: the length to which all sentences are padded.

    Return booleans, (..., n_keys); none is True where the window misses the sentence.
    """
    lengths = _fit(lengths, position)
    keys = torch.arange(n_keys, device=position.device)
    near = (keys - position.unsqueeze(-1)).abs() <= half_width
    return near & (keys < lengths.unsqueeze(-1))


def predict_position(
    query: Tensor, W_p: Tensor, v_p: Tensor, lengths: Tensor
) -> Tensor:
    """Guess where to look: p_t = S · sigmoid(v_p · tanh(W_p h_t)), equation 9.

    Args:
        query: (..., query_size), the decoder's state h_t.
        W_p: (query_size, hidden_size), so that rows are multiplied: h_t @ W_p.
        v_p: (hidden_size,).
        lengths: S, broadcastable to (...).

    Return positions, (...), between 0 and the length, rarely whole numbers.
    """
    expected = (query.shape[-1], v_p.shape[-1])
    if tuple(W_p.shape) != expected:
        raise ValueError(f"W_p: expected {expected}, got {tuple(W_p.shape)}")
    share = torch.sigmoid(torch.tanh(query @ W_p) @ v_p)  # of the sentence
    return _fit(lengths, share) * share


def gaussian_reweight(weights: Tensor, position: Tensor, half_width: float) -> Tensor:
    """Favour keys near the position: the Gaussian of equation 10, after the softmax.

    Args:
        weights: (..., n_keys).
        position: (...), p_t.
        half_width: D, more than 0; the Gaussian's σ is D/2.

    Return weights that sum to less than 1 over the keys; nothing normalises them again.
    """
    if position.shape != weights.shape[:-1]:
        raise ValueError(
            f"position: expected {tuple(weights.shape[:-1])}, "
            f"got {tuple(position.shape)}"
        )
    if half_width <= 0:
        raise ValueError(f"half_width: expected more than 0, got {half_width}")
    keys = torch.arange(weights.shape[-1], device=weights.device)
    distance = keys - position.unsqueeze(-1)
    sigma = half_width / 2
    return weights * torch.exp(-(distance**2) / (2 * sigma**2))


def _fit(lengths: Tensor, to: Tensor) -> Tensor:
    """Give each query the length of its sentence."""
    try:
        return lengths.broadcast_to(to.shape)
    except RuntimeError as error:
        raise ValueError(
            f"lengths must broadcast to the positions: expected {tuple(to.shape)}, "
            f"got {tuple(lengths.shape)}"
        ) from error
