"""Train a layer on associative recall, and count what it recalls."""

import torch
from torch import nn
from torch.nn import functional as F

from attention.data.recall import draw_pairs

RECALL_QUERIES, RECALL_BATCH = 32, 32


def train_recall(
    layer: nn.Module, *, seed: int, steps: int = 300, rate: float = 1e-2, most: int = 64
) -> None:
    """Train a layer on texts of 2 to `most` pairs, a new draw each step."""
    draws = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(layer.parameters(), rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, steps)
    for _ in range(steps):
        pairs = int(torch.randint(2, most + 1, (1,), generator=draws))
        *given, answers = draw_pairs(RECALL_BATCH, pairs, RECALL_QUERIES, draws)
        loss = F.cross_entropy(layer(*given).flatten(0, 1), answers.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(layer.parameters(), 1.0)
        optimizer.step()
        schedule.step()


@torch.no_grad()
def recall_share(layer: nn.Module, pairs: int, seed: int = 0) -> float:
    """Return the share of values that a layer recalls among so many pairs."""
    draws = torch.Generator().manual_seed(1_000_000 + seed)
    *given, answers = draw_pairs(64, pairs, RECALL_QUERIES, draws)
    return (layer(*given).argmax(-1) == answers).float().mean().item()
