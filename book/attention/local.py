"""Local attention: Luong, Pham and Manning (2015), section 3.2.

Positions count from 0, as Python does: the first source token is at 0.
"""

import torch
from torch import Tensor


def local_window_mask(
    position: Tensor, lengths: Tensor, half_width: float, n_keys: int
) -> Tensor:
    """Let each query see the keys within `half_width` of its position, ends included.

    Args:
        position: (...), the centre p_t of each query's window, whole or not.
        lengths: broadcastable to `position`; keys from there on are padding.
        half_width: D of the paper; the window is [p_t - D, p_t + D].
        n_keys: the length to which all sentences are padded.

    Returns:
        Booleans, (..., n_keys), True on the real keys of the window; on none of them
        where the window lies past the sentence's end.

    Raises:
        ValueError: if lengths do not broadcast to the positions.

    """
    lengths = _fit("lengths", lengths, position)
    keys = torch.arange(n_keys, device=position.device)
    near = (keys - position.unsqueeze(-1)).abs() <= half_width
    return near & (keys < lengths.unsqueeze(-1))


def predict_position(
    query: Tensor, W_p: Tensor, v_p: Tensor, lengths: Tensor
) -> Tensor:
    """Guess where to look, p_t = S · sigmoid(v_p · tanh(W_p h_t)), equation 9.

    Args:
        query: (..., query_size), the decoder's state h_t.
        W_p: (query_size, hidden_size), as rows are multiplied: h_t @ W_p.
        v_p: (hidden_size,).
        lengths: S, broadcastable to (...).

    Returns:
        Positions, (...), between 0 and the sentence's length; rarely whole numbers.

    Raises:
        ValueError: if the sizes do not fit.

    """
    expected = (query.shape[-1], v_p.shape[-1])
    if tuple(W_p.shape) != expected:
        raise ValueError(f"W_p: expected {expected}, got {tuple(W_p.shape)}")
    share = torch.sigmoid(torch.tanh(query @ W_p) @ v_p)  # of the sentence
    return _fit("lengths", lengths, share) * share


def gaussian_reweight(weights: Tensor, position: Tensor, half_width: float) -> Tensor:
    """Favour keys near the position, after the softmax, equation 10.

    Each weight is multiplied by exp(-(i - p_t)² / 2σ²) with σ = D/2. The weights of a
    query then sum to less than 1, and are not normalised again.

    Args:
        weights: (..., n_keys).
        position: (...), p_t.
        half_width: D, greater than 0.

    Raises:
        ValueError: if there is not one position for each row of weights, or D <= 0.

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


def _fit(name: str, tensor: Tensor, to: Tensor) -> Tensor:
    """Broadcast one number for each sentence to all of its queries."""
    try:
        return tensor.broadcast_to(to.shape)
    except RuntimeError as error:
        raise ValueError(
            f"{name} must broadcast to the positions: expected {tuple(to.shape)}, "
            f"got {tuple(tensor.shape)}"
        ) from error
