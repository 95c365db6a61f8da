"""How chapter 10's vectors are learned from text, and what its models say of one."""

import random
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from attention.data.batches import Rows, group_equal_lengths
from attention.models.word_vectors import glove_loss
from attention.training.fitting import fit
from attention.training.progress import Progress
from attention.training.schedule import fall_as_cosine


def pretrain(
    model: nn.Module,
    loss: Callable[[Tensor], Tensor],
    batches: Iterator[Tensor],
    *,
    steps: int,
    rate: float,
    label: str,
) -> list[float]:
    """Train with AdamW; the rate warms up for a tenth of the steps, then a cosine.

    Args:
        model: whose parameters learn.
        loss: what to lower, given a batch.
        batches: at least `steps` of them.
        steps: how many updates.
        rate: the highest learning rate.
        label: what the progress bar says.

    Returns:
        The loss of each step.

    """
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.99))
    rise = max(1, steps // 10)

    def rise_and_fall(step: int) -> float:
        fall = max(0, step - rise) / (steps - rise)
        return rate * min(step / rise, fall_as_cosine(fall))

    return fit(
        model,
        loss,
        batches,
        steps=steps,
        rate=rate,
        schedule=rise_and_fall,
        optimizer=optimizer,
        label=label,
    ).losses


@torch.no_grad()
def token_layers(model: nn.Module, rows: Rows) -> list[Tensor]:
    """Return all layers (L + 1, n, d) of each sentence, without dropout."""
    model.eval()
    found: dict[int, Tensor] = {}
    for group in group_equal_lengths(rows, 64, random.Random(0)):
        layers = model(torch.tensor([rows[i] for i in group]))
        found |= {i: layers[:, k] for k, i in enumerate(group)}
    return [found[i] for i in range(len(rows))]


def fit_glove(
    rows: Tensor,
    columns: Tensor,
    counts: Tensor,
    n_words: int,
    d: int,
    *,
    epochs: int,
    x_max: float,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Fit vectors and biases to counted cells with AdaGrad, as the paper does.

    Args:
        rows: integers, (cells,), the words.
        columns: integers, (cells,), the context words.
        counts: (cells,).
        n_words: how many there are.
        d: width of a vector.
        epochs: passes through the cells.
        x_max: from this count on a cell weighs 1.
        generator: draws the first vectors and the order of the cells.

    Returns:
        w and c, (n_words, d) each, b_w and b_c, (n_words,) each.

    """
    tables = w, c, b_w, b_c = _first_vectors(n_words, d, generator)
    optimizer = torch.optim.Adagrad(tables, lr=0.1)
    with Progress(epochs, "GloVe") as progress:
        for epoch in range(1, epochs + 1):
            for cells in torch.randperm(len(counts), generator=generator).split(2048):
                i, j, x = rows[cells], columns[cells], counts[cells]
                loss = glove_loss(w[i], c[j], b_w[i], b_c[j], x, x_max) / len(cells)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            progress.update(epoch, f"loss {loss.item():.3f}")
    return w.detach(), c.detach(), b_w.detach(), b_c.detach()


def _first_vectors(
    n_words: int, d: int, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return small random vectors and biases of 0, ready to learn."""
    start = torch.rand(2, n_words, d, generator=generator)
    w, c = ((x - 0.5) / d for x in start)
    b_w, b_c = torch.zeros(2, n_words).unbind()
    w, c, b_w, b_c = (x.clone().requires_grad_() for x in (w, c, b_w, b_c))
    return w, c, b_w, b_c
