"""What chapter 10's language models share: batches, the loop, the small transformer."""

import math
import random
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attention.mechanisms.masks import causal_mask
from attention.mechanisms.positions import sinusoidal_positions
from attention.models.bert import BertLayer
from attention.models.blocks import LayerNorm
from attention.training.fitting import fit

Rows = Sequence[Sequence[int]]


def equal_lengths(rows: Rows, size: int, rng: random.Random) -> list[list[int]]:
    """Group rows of one length, `size` at most, in random order: no padding.

    Returns the numbers of the rows of each group; each row is in one group.
    """
    by_length: dict[int, list[int]] = {}
    for i in rng.sample(range(len(rows)), len(rows)):
        by_length.setdefault(len(rows[i]), []).append(i)
    groups = [
        g[k : k + size] for g in by_length.values() for k in range(0, len(g), size)
    ]
    return rng.sample(groups, len(groups))


def sentence_batches(rows: Rows, size: int, steps: int, seed: int) -> Iterator[Tensor]:
    """Yield `steps` batches (batch, n) of sentences of one length."""
    rng, queue = random.Random(seed), list[list[int]]()
    for _ in range(steps):
        if not queue:
            queue = equal_lengths(rows, size, rng)
        yield torch.tensor([rows[i] for i in queue.pop()])


class SmallTransformer(nn.Module):
    """The OpenAI transformer or BERT in small: one mask apart.

    Both are post-LN with a GELU, and learn their positions. The embedding is the output
    as well. The positions start from sinusoids, which the papers' did not.
    """

    def __init__(
        self, n_tokens: int, d: int, h: int, layers: int, *, causal: bool, longest: int
    ) -> None:
        """Make the tables, `layers` layers of width d with h heads, and a bias."""
        super().__init__()
        self.embed = nn.Embedding(n_tokens, d)
        nn.init.normal_(self.embed.weight, std=d**-0.5)
        self.positions = nn.Parameter(0.7 * d**-0.5 * sinusoidal_positions(longest, d))
        self.norm, self.dropout = LayerNorm(d), nn.Dropout(0.1)
        self.layers = nn.ModuleList(
            BertLayer(d, h, 4 * d, dropout=0.1, eps=1e-5) for _ in range(layers)
        )
        self.bias = nn.Parameter(torch.zeros(n_tokens))
        self.causal = causal

    def forward(self, ids: Tensor) -> Tensor:
        """Turn sentences (batch, n) of one length into layers (L + 1, batch, n, d).

        Raises:
            ValueError: if a sentence is longer than the table of positions.

        """
        n, longest = ids.shape[1], len(self.positions)
        if n > longest:
            raise ValueError(f"expected at most {longest} tokens, got {n}")
        mask = causal_mask(n, n)[None] if self.causal else None
        x = self.dropout(self.norm(self.embed(ids) + self.positions[:n]))
        layers = [x]
        for layer in self.layers:
            layers.append(layer(layers[-1], mask))
        return torch.stack(layers)

    def logits(self, states: Tensor) -> Tensor:
        """Turn states (..., d) into logits (..., n_tokens)."""
        return F.linear(states, self.embed.weight, self.bias)


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
        return rate * min(step / rise, (1 + math.cos(math.pi * fall)) / 2)

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
    for group in equal_lengths(rows, 64, random.Random(0)):
        layers = model(torch.tensor([rows[i] for i in group]))
        found |= {i: layers[:, k] for k, i in enumerate(group)}
    return [found[i] for i in range(len(rows))]
