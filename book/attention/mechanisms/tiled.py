"""Attention tile by tile, without the table of scores: Dao et al. (2022)."""

import math

import torch
from torch import Tensor

from attention.mechanisms.online_softmax import read_chunk
from attention.mechanisms.scaled_dot_product import check_shapes


def tiled_attention(q: Tensor, k: Tensor, v: Tensor, block: int) -> Tensor:
    """Attend as `scaled_dot_product` does; hold no more than block x block scores.

    Args:
        q: (..., n, d).
        k: (..., keys, d).
        v: (..., keys, d_v).
        block: queries and keys of a tile; the last tile may be smaller.

    Returns:
        The output, (..., n, d_v), in the dtype of v. Half precision is computed in
        float32: rounded scores would be rounded again in every tile.

    Raises:
        ValueError: if the shapes do not fit, or block is less than 1.

    """
    check_shapes(q, k, v)
    if block < 1:
        raise ValueError(f"block: expected 1 or more, got {block}")
    wide = torch.promote_types(q.dtype, torch.float32)
    out = v.new_empty(*q.shape[:-1], v.shape[-1])
    tiles = list(zip(k.split(block, -2), v.split(block, -2), strict=True))
    for queries, rows in zip(q.split(block, -2), out.split(block, -2), strict=True):
        rows.copy_(_attend(queries.to(wide), tiles))
    return out


def _attend(queries: Tensor, tiles: list[tuple[Tensor, Tensor]]) -> Tensor:
    """Carry largest score, sum and output of a block of queries through all keys."""
    scaled = queries / math.sqrt(queries.shape[-1])
    largest = queries.new_full(queries.shape[:-1], -torch.inf)
    total = torch.zeros_like(largest)
    out = queries.new_zeros(*queries.shape[:-1], tiles[0][1].shape[-1])
    for k, v in tiles:
        scores = scaled @ k.mT.to(scaled)
        largest, total, shrink, exps = read_chunk(largest, total, scores)
        out = out * shrink[..., None] + exps @ v.to(scaled)
    return out / total[..., None]
