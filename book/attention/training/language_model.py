"""Causal language models: what comes next, given all that came before."""

from collections.abc import Iterator
from typing import Unpack

import torch
from torch import Tensor, nn

from attention.shapes import check_shape
from attention.training.fitting import History, Watching, fit
from attention.training.schedule import fall_as_cosine


def next_token_loss(logits: Tensor, ids: Tensor) -> Tensor:
    """Average -log p(x_{t+1} | x_1 ... x_t) over all tokens that have one before them.

    Args:
        logits: (batch, n, n_tokens); those at t are about token t + 1.
        ids: (batch, n): the tokens that the model has read.

    Returns:
        A number, in nats a token: the mean of batch × (n - 1) predictions. The last
        logits are about a token that is not there; the first token is not predicted.

    Raises:
        ValueError: if the shapes do not fit, or there is nothing to predict.

    """
    check_shape("ids", ids, "batch", "n")
    check_shape("logits", logits, *ids.shape, "n_tokens")
    if ids.shape[1] < 2:
        raise ValueError(f"ids: expected at least 2 tokens a row, got {ids.shape[1]}")
    log_p = logits[:, :-1].log_softmax(-1)  # (batch, n - 1, n_tokens)
    return -log_p.gather(-1, ids[:, 1:, None]).mean()


def draw_pieces(
    text: Tensor, n: int, batch: int, generator: torch.Generator
) -> Iterator[Tensor]:
    """Draw batches (batch, n) of neighbouring tokens out of a text, without end.

    Raises:
        ValueError: if the text (length,) is shorter than n.

    """
    if len(text) < n:
        raise ValueError(f"text: expected at least {n} tokens, got {len(text)}")
    while True:
        first = torch.randint(len(text) - n + 1, (batch, 1), generator=generator)
        yield text[first + torch.arange(n)]


@torch.no_grad()
def held_out_loss(model: nn.Module, text: Tensor, n: int, batch: int = 64) -> float:
    """Average the loss over a whole text (length,), cut into pieces of n + 1 tokens.

    Neighbouring pieces share one token, so that each but the first is predicted once;
    what is left over at the end is not. A piece does not see the one before.
    """
    cut = text.unfold(0, n + 1, n)  # (pieces, n + 1)
    sums = [next_token_loss(model(x), x).item() * len(x) for x in cut.split(batch)]
    return sum(sums) / len(cut)


def train_language_model(
    model: nn.Module,
    batches: Iterator[Tensor],
    *,
    steps: int,
    rate: float,
    decay: float = 0.1,
    **watching: Unpack[Watching],
) -> History:
    """Train with AdamW; the rate falls along a cosine to a twentieth.

    Args:
        model: takes ids (batch, n), returns logits (batch, n, n_tokens).
        batches: ids; the next token is the truth.
        steps: how many updates; never a number of seconds, so that results repeat.
        rate: the highest learning rate.
        decay: of the weights, in each step, in AdamW's sense; matrices only.
        watching: `check`, `every` and `label`, see `Watching`.

    """
    matrices = [w for w in model.parameters() if w.dim() > 1]
    others = [w for w in model.parameters() if w.dim() < 2]
    groups = [
        {"params": matrices, "weight_decay": decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return fit(
        model,
        lambda ids: next_token_loss(model(ids), ids),
        batches,
        steps=steps,
        rate=rate,
        schedule=lambda step: rate * (0.05 + 0.95 * fall_as_cosine(step, steps)),
        optimizer=torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.99)),
        **watching,
    )
