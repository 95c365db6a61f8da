"""How far weights are from where a model should have looked."""

from collections.abc import Collection, Sequence

from torch import Tensor


def alignment_error(weights: Tensor, links: Sequence[Collection[int]]) -> float:
    """Return the share of linked target tokens whose heaviest source is no link.

    Args:
        weights: (target tokens, source tokens) of one sentence.
        links: for each target token its true sources; those with none don't count.

    Raise ValueError unless there are as many lists of links as rows of weights.
    """
    if len(links) != len(weights):
        raise ValueError(f"links: expected {len(weights)} rows, got {len(links)}")
    heaviest = weights.argmax(dim=-1).tolist()
    wrong = [i not in true for i, true in zip(heaviest, links, strict=True) if true]
    return sum(wrong) / max(len(wrong), 1)
