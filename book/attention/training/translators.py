"""How the translators of the course are trained, and by which loss."""

from collections.abc import Callable, Iterable
from typing import Unpack

import torch
from torch import Tensor, nn

from attention.data.batches import Batch
from attention.data.vocabulary import PAD
from attention.training.fitting import History, Watching, fit
from attention.training.schedule import follow_torch_cosine


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
    **watching: Unpack[Watching],
) -> History:
    """Train for a number of steps with Adam; the rate follows a cosine or `schedule`.

    Args:
        model: takes a batch, returns logits (batch, m, tokens).
        data: at least `steps` batches.
        steps: how many updates; never a number of seconds, so that results repeat.
        rate: the highest learning rate; it falls to 0 along a cosine.
        smoothing: how much of the target's probability is spread over all tokens.
        schedule: the learning rate at step 1, 2, ...; then `rate` is not used.
        watching: `check`, `every` and `label`, see `Watching`.

    """
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    falling = follow_torch_cosine(optimizer, steps)
    return fit(
        model,
        lambda batch: sequence_loss(model(batch), batch.target, smoothing),
        data,
        steps=steps,
        rate=rate,
        schedule=schedule or falling,
        optimizer=optimizer,
        **watching,
    )
