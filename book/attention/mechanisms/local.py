"""Local attention: Luong, Pham and Manning (2015), section 3.2.

Positions count from 0, as Python does: the first source token is at 0.
"""

import torch
from torch import Tensor

from attention.shapes import check_shape


def local_window_mask(
    position: Tensor,  # (...): p_t, the centre of each query's window, whole or not
    lengths: Tensor,  # broadcastable to position: keys from there on are padding
    half_width: float,  # D
    n_keys: int,  # to which all sentences are padded
) -> Tensor:
    """Let each query see the real keys in [p_t - D, p_t + D], both ends included.

    Return booleans, (..., n_keys); none is True where the window misses the sentence.
    """
    lengths = for_each_query(lengths, position)
    keys = torch.arange(n_keys, device=position.device)
    near = (keys - position.unsqueeze(-1)).abs() <= half_width
    return near & (keys < lengths.unsqueeze(-1))


def for_each_query(lengths: Tensor, position: Tensor) -> Tensor:
    """Broadcast lengths to the shape of the positions, or raise ValueError."""
    try:
        return lengths.broadcast_to(position.shape)
    except RuntimeError as error:
        expected, got = tuple(position.shape), tuple(lengths.shape)
        raise ValueError(
            f"lengths must broadcast to the positions: expected {expected}, got {got}"
        ) from error


def predict_position(
    query: Tensor,  # (..., query_size): h_t
    W_p: Tensor,  # (query_size, hidden_size)
    v_p: Tensor,  # (hidden_size,)
    lengths: Tensor,  # S, broadcastable to (...)
) -> Tensor:
    """Guess where to look: p_t = S · sigmoid(v_p · tanh(W_p h_t)), equation 9.

    Return positions, (...), between 0 and S, rarely whole numbers.
    """
    check_shape("W_p", W_p, query.shape[-1], v_p.shape[-1])
    share = torch.sigmoid(torch.tanh(query @ W_p) @ v_p)  # of the sentence
    return for_each_query(lengths, share) * share


def gaussian_reweight(
    weights: Tensor,  # (..., n_keys)
    position: Tensor,  # (...): p_t
    half_width: float,  # D, more than 0; σ is D/2
) -> Tensor:
    """Favour keys near the position: the Gaussian of equation 10, after the softmax.

    Return weights that sum to at most 1 over the keys; nothing normalises them again.
    """
    check_shape("position", position, *weights.shape[:-1])
    if half_width <= 0:
        raise ValueError(f"half_width: expected more than 0, got {half_width}")
    keys = torch.arange(weights.shape[-1], device=weights.device)
    distance = keys - position.unsqueeze(-1)
    sigma = half_width / 2
    return weights * torch.exp(-(distance**2) / (2 * sigma**2))
