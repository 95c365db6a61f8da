"""A text of distinct tokens that comes twice: by position, or by content?"""

from collections.abc import Sequence

import torch
from torch import nn

from attention.mechanisms.induction import repeated
from attention.training.fitting import History, fit
from attention.training.language_model import next_token_loss

N_TOKENS = 64


def learn_repeats(
    model: nn.Module,
    periods: Sequence[int],
    *,
    steps: int,
    rate: float,
    seed: int = 0,
    rows: int = 24,
) -> History:
    """Train a model to write the second copy; each batch has one of the periods.

    The loss is taken on the second copy alone. Adam, the rate after 20 steps is fixed.
    """
    drawn = torch.Generator().manual_seed(seed)

    def loss_of(at: int) -> torch.Tensor:
        period = periods[at]
        ids = repeated(rows, period, 2, N_TOKENS, drawn)
        return next_token_loss(model(ids)[:, period:], ids[:, period:])

    order = torch.randint(len(periods), (steps,), generator=drawn).tolist()
    return fit(
        model,
        loss_of,
        order,
        steps=steps,
        rate=rate,
        schedule=lambda step: rate * min(1.0, step / 20),
        optimizer=torch.optim.Adam(model.parameters(), lr=rate, betas=(0.9, 0.99)),
    )


@torch.no_grad()
def share_copied(model: nn.Module, period: int, seed: int = 99) -> float:
    """Return the share of tokens of the second copy that a model gets right.

    The first of them is not counted: what comes after the first copy can't be known.
    """
    ids = repeated(64, period, 2, N_TOKENS, torch.Generator().manual_seed(seed))
    right = model(ids)[:, period:-1].argmax(-1) == ids[:, period + 1 :]
    return right.float().mean().item()
