"""Luong's three scores: Luong, Pham and Manning (2015), section 3.1."""

import torch
from torch import Tensor

from attention.shapes import check_shape


def dot_score(query: Tensor, keys: Tensor) -> Tensor:
    """Score queries (..., m, size) and keys (..., n, size) by h_t · h_i, unscaled.

    Return (..., m, n); raise ValueError if the sizes differ.
    """
    check_shape("keys", keys, ..., "n", query.shape[-1])
    return query @ keys.transpose(-2, -1)


def general_score(query: Tensor, keys: Tensor, W: Tensor) -> Tensor:
    """Score by h_t · W h_i, with W of shape (query_size, key_size)."""
    check_shape("W", W, query.shape[-1], keys.shape[-1])
    return dot_score(query, keys @ W.T)


def concat_score(query: Tensor, keys: Tensor, W: Tensor, v: Tensor) -> Tensor:
    """Score by v · tanh(W [h_t; h_i]), a hidden layer for each pair.

    W is (query_size + key_size, hidden_size), the query's rows first, v (hidden_size,).
    """
    size = query.shape[-1]
    check_shape("W", W, size + keys.shape[-1], v.shape[-1])
    hidden = (query @ W[:size]).unsqueeze(-2) + (keys @ W[size:]).unsqueeze(-3)
    return torch.tanh(hidden) @ v
