"""Batches of pairs of texts, and how the translators of the course are trained."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from attention.data.vocabulary import END, PAD, START, Vocabulary, pad
from attention.training.fitting import History, fit

Pair = tuple[Sequence[str], Sequence[str]]  # source and target, as tokens


class Batch(NamedTuple):
    """Sentences of a batch as numbers, padded to the longest."""

    source: Tensor  # (batch, n)
    given: Tensor  # (batch, m): START, y_1 ... y_{m-1}
    target: Tensor  # (batch, m): y_1 ... y_{m-1}, END


def make_batch(pairs: Iterable[Pair], source: Vocabulary, target: Vocabulary) -> Batch:
    """Encode pairs of token sequences with the vocabularies of both sides."""
    sources, targets = zip(
        *((source.encode(s), target.encode(t)) for s, t in pairs), strict=True
    )
    return Batch(
        pad(sources),
        pad([[START, *t] for t in targets]),
        pad([[*t, END] for t in targets]),
    )


def batches(
    pairs: Sequence[Pair],
    source: Vocabulary,
    target: Vocabulary,
    *,
    steps: int,
    size: int = 64,
    seed: int = 0,
) -> Iterator[Batch]:
    """Yield `steps` batches of pairs of like length, in an order that `seed` fixes."""
    rng = random.Random(seed)
    queue: list[list[Pair]] = []
    for _ in range(steps):
        if not queue:
            queue = _groups(pairs, size, rng)
        yield make_batch(queue.pop(), source, target)


def _groups(pairs: Sequence[Pair], size: int, rng: random.Random) -> list[list[Pair]]:
    """Cut the shuffled pairs into groups of like length: little padding to compute."""
    mixed = rng.sample(list(pairs), len(pairs))
    mixed.sort(key=lambda pair: (len(pair[1]), len(pair[0])))
    groups = [mixed[i : i + size] for i in range(0, len(mixed), size)]
    rng.shuffle(groups)
    return groups


def sequence_loss(logits: Tensor, target: Tensor, smoothing: float = 0.0) -> Tensor:
    """Average the cross-entropy over the target tokens (batch, m), padding left out."""
    return nn.functional.cross_entropy(
        logits.flatten(0, 1),
        target.flatten(),
        ignore_index=PAD,
        label_smoothing=smoothing,
    )


def train(
    model: nn.Module,
    data: Iterable[Batch],
    *,
    steps: int,
    rate: float = 4e-3,
    smoothing: float = 0.0,
    schedule: Callable[[int], float] | None = None,
    check: Callable[[], float] | None = None,
    every: int = 0,
    label: str = "training",
) -> History:
    """Train for a number of steps with Adam; the rate follows a cosine or `schedule`.

    Args:
        model: takes a batch, returns logits (batch, m, tokens).
        data: at least `steps` batches.
        steps: how many updates; never a number of seconds, so that results repeat.
        rate: the highest learning rate; it falls to 0 along a cosine.
        smoothing: how much of the target's probability is spread over all tokens.
        schedule: the learning rate at step 1, 2, ...; then `rate` is not used.
        check: called every `every` steps; its result is kept as a score.
        every: steps between two checks; 0 for none.
        label: what the progress bar says.

    """
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)

    def falling(step: int) -> float:
        if step > 1:
            cosine.step()
        return float(optimizer.param_groups[0]["lr"])

    return fit(
        model,
        lambda batch: sequence_loss(model(batch), batch.target, smoothing),
        data,
        steps=steps,
        rate=rate,
        schedule=schedule or falling,
        optimizer=optimizer,
        check=check,
        every=every,
        label=label,
    )
