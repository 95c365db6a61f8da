"""A softmax over one chunk after another: Milakov and Gimelshein (2018)."""

from collections.abc import Iterable

import torch
from torch import Tensor

from attention.shapes import check_shape


def online_softmax(chunks: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """Find the largest score and the sum in one pass: their algorithm 3, by chunks.

    Args:
        chunks: scores, (..., any length) each, the next behind the last.

    Returns:
        The largest score (...,), and the sum of the exponentials of all scores less
        the largest (...,). Where every score is -inf, -inf and 0.

    Raises:
        ValueError: if there is no chunk, or the axes in front differ.

    """
    found: tuple[Tensor, Tensor] | None = None
    for scores in chunks:
        if found is None:
            rows = scores.new_full(scores.shape[:-1], -torch.inf)
            found = rows, torch.zeros_like(rows)
        check_shape("chunk", scores, *found[0].shape, "keys")
        found = read_chunk(*found, scores)[:2]
    if found is None:
        raise ValueError("chunks: expected one or more, got none")
    return found


def read_chunk(
    largest: Tensor, total: Tensor, scores: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Read one more chunk of scores (..., keys).

    Returns:
        The largest so far (...,), the sum of exponentials so far (...,), the factor
        (...,) by which what was summed before has shrunk, and the new exponentials
        (..., keys).

    """
    new = torch.cat([largest[..., None], scores], -1).amax(-1)
    finite = new.nan_to_num(neginf=0.0)  # -inf less -inf would be NaN
    shrink, exps = (largest - finite).exp(), (scores - finite[..., None]).exp()
    return new, total * shrink + exps.sum(-1), shrink, exps
