"""Masks: booleans that are True where a query may attend to a key."""

import torch
from torch import Tensor


def causal_mask(n_queries: int, n_keys: int) -> Tensor:
    """Let each query see its own position and those before it.

    The last query stands at the last key. So where keys of earlier steps are kept,
    and the queries are fewer than the keys, they still see the whole past.

    Returns:
        Booleans, (n_queries, n_keys).

    Raises:
        ValueError: if there are more queries than keys.

    """
    if n_queries > n_keys:
        raise ValueError(
            f"each query needs a key of its own: expected at most {n_keys} queries, "
            f"got {n_queries}"
        )
    every = torch.ones(n_queries, n_keys, dtype=torch.bool)
    return every.tril(diagonal=n_keys - n_queries)


def padding_mask(lengths: Tensor, n: int) -> Tensor:
    """Hide the keys that only fill a sequence up to length n.

    Args:
        lengths: integers, (batch,): how many real tokens each sequence has.
        n: the length to which all are padded.

    Returns:
        Booleans, (batch, n); index them `[:, None, None, :]` for heads and queries.

    Raises:
        ValueError: if a length is negative or greater than n.

    """
    if lengths.numel() and not 0 <= lengths.min() <= lengths.max() <= n:
        raise ValueError(f"lengths: expected 0 to {n}, got {lengths.tolist()}")
    return torch.arange(n, device=lengths.device) < lengths[:, None]
