"""Word vectors from neighbours: skip-gram with negative sampling, and GloVe."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from attention.shapes import check_shape


def skip_gram_pairs(ids: Sequence[int], window: int) -> list[tuple[int, int]]:
    """Pair each word with each neighbour at most `window` words away.

    Args:
        ids: the words of one sentence.
        window: how far a neighbour may stand, on either side.

    Returns:
        (centre, context) of each pair, in the order of the centres.

    Raises:
        ValueError: if the window is less than 1.

    """
    check_window(window)
    return [
        (centre, ids[j])
        for i, centre in enumerate(ids)
        for j in range(max(i - window, 0), min(i + window + 1, len(ids)))
        if j != i
    ]


def noise_distribution(counts: Tensor, power: float = 0.75) -> Tensor:
    """Return the probability of each word as a negative: its count to a power.

    Mikolov et al. (2013b), section 2.2: the unigram distribution to the power 3/4.

    Args:
        counts: (V,), how often each word comes.
        power: 1 leaves the words' own shares, 0 makes all alike.

    Returns:
        (V,), summing to 1; a word that never comes gets 0.

    """
    raised = torch.where(counts > 0, counts.double() ** power, 0.0)
    return (raised / raised.sum()).float()


def keep_probability(counts: Tensor, t: float) -> Tensor:
    """Return how likely each word is kept when frequent ones are thinned out.

    Mikolov et al. (2013b), equation 5: √(t / f(w)), at most 1, f being the share of
    the word in the text.
    """
    share = counts / counts.sum()
    return (t / share.clamp(min=1e-12)).sqrt().clamp(max=1)


def negative_sampling_loss(
    center: Tensor, positive: Tensor, negatives: Tensor
) -> Tensor:
    """Tell a word's true neighbour from k drawn ones: Mikolov et al. (2013b), eq. 4.

    -log σ(u·v) - Σ_k log σ(-u_k·v): a sum over the negatives, a mean over all pairs.

    Args:
        center: (..., d), v.
        positive: (..., d), u, a true neighbour of each.
        negatives: (..., k, d), the words drawn for each.

    Raises:
        ValueError: if the shapes do not fit.

    """
    check_shape("positive", positive, *center.shape)
    check_shape("negatives", negatives, *center.shape[:-1], "k", center.shape[-1])
    true = (positive * center).sum(-1)  # (...)
    drawn = (negatives @ center.unsqueeze(-1)).squeeze(-1)  # (..., k)
    return -(F.logsigmoid(true) + F.logsigmoid(-drawn).sum(-1)).mean()


def cooccurrence(
    sentences: Iterable[Sequence[int]], window: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Count who stands near whom; a neighbour at distance k counts 1/k.

    Pennington et al. (2014), section 4.2. Every pair is counted from both sides.

    Args:
        sentences: lists of words, as numbers.
        window: how far a neighbour may stand.

    Returns:
        Rows, columns (both integers) and counts X_ij, (cells,) each: the cells that
        are not 0, sorted by row and column.

    Raises:
        ValueError: if the window is less than 1.

    """
    check_window(window)
    cells: defaultdict[tuple[int, int], float] = defaultdict(float)
    for ids in sentences:
        for k in range(1, window + 1):
            for one, other in zip(ids[:-k], ids[k:], strict=True):
                cells[one, other] += 1 / k
                cells[other, one] += 1 / k
    places = sorted(cells)
    rows, columns = torch.tensor(places, dtype=torch.long).view(-1, 2).T
    return rows, columns, torch.tensor([cells[place] for place in places])


def glove_loss(
    w: Tensor,
    c: Tensor,
    b_w: Tensor,
    b_c: Tensor,
    counts: Tensor,
    x_max: float = 100.0,
    alpha: float = 0.75,
) -> Tensor:
    """Fit log counts by dot products: Pennington et al. (2014), equation 8.

    Σ f(X) (w·c + b_w + b_c - log X)², with f(x) = min(x / x_max, 1)^alpha. A cell
    whose count is 0 weighs 0. It is a sum, as in the paper.

    Args:
        w: (..., d), the word's vector of each cell.
        c: (..., d), the context word's.
        b_w: (...), the word's bias.
        b_c: (...), the context word's bias.
        counts: (...), X of each cell.
        x_max: from this count on a cell weighs 1.
        alpha: how the weight rises up to there.

    Returns:
        A number.

    Raises:
        ValueError: if the shapes do not fit.

    """
    shapes = [tuple(x.shape) for x in (w[..., 0], c[..., 0], b_w, b_c, counts)]
    if len(set(shapes)) > 1 or w.shape != c.shape:
        raise ValueError(
            f"expected one shape (...) and one d for all cells, got {shapes}"
        )
    weight = (counts / x_max).clamp(max=1) ** alpha
    log = torch.where(counts > 0, counts, 1.0).log()  # log 0 never enters
    error = (w * c).sum(-1) + b_w + b_c - log
    return torch.where(counts > 0, weight * error.square(), 0.0).sum()


def check_window(window: int) -> None:
    """Raise ValueError unless the window holds a neighbour."""
    if window < 1:
        raise ValueError(f"window: expected at least 1, got {window}")
