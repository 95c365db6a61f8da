"""Teach one body two things at once: digits, and whether a review is kind."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from attention.data.digits import load_digits, split_digits
from attention.data.reviews import Review, load_reviews, split_reviews
from attention.data.vocabulary import PAD, Vocabulary
from attention.mechanisms.experts import uneven_use
from attention.models.multi_model import MultiModel, cut_patches
from attention.training.fitting import History, fit

REVIEW_LENGTH = 24  # words of a review that are read
ROWS_EACH = 32  # of each modality, a step

Examples = tuple[Tensor, Tensor]  # what goes in, and the right answers
ModalityStep = dict[str, Examples]


class Modalities(NamedTuple):
    """What each modality learns from and is judged on, and how many words there are."""

    train: ModalityStep
    test: ModalityStep
    words: int


def load_modalities(
    digits: int = 200, reviews: int = 4000, seed: int = 0
) -> Modalities:
    """Read a few digits and reviews to learn from, and 600 and 2,000 others."""
    seen, unseen = split_digits(load_digits(), digits, 600, seed)
    read, unread = split_reviews(load_reviews(), 2000, 0)
    words = Vocabulary.of((r.tokens for r in read[:reviews]), at_least=2)
    return Modalities(
        {
            "image": (cut_patches(seen.images - 0.3), seen.labels),
            "text": encode_reviews(read[:reviews], words),
        },
        {
            "image": (cut_patches(unseen.images - 0.3), unseen.labels),
            "text": encode_reviews(unread, words),
        },
        len(words),
    )


def encode_reviews(reviews: Sequence[Review], words: Vocabulary) -> Examples:
    """Number the words of reviews, padded or cut to 24; 1 is kind."""
    ids = torch.full((len(reviews), REVIEW_LENGTH), PAD)
    for row, review in zip(ids, reviews, strict=True):
        numbers = words.encode(review.tokens[:REVIEW_LENGTH])
        row[: len(numbers)] = torch.tensor(numbers)
    return ids, torch.tensor([int(review.kind) for review in reviews])


def draw_step(
    data: Modalities, kinds: Sequence[str], generator: torch.Generator
) -> Iterator[ModalityStep]:
    """Yield a batch of each modality, without end."""
    while True:
        batch = {}
        for kind in kinds:
            x, y = data.train[kind]
            rows = torch.randint(len(x), (ROWS_EACH,), generator=generator)
            batch[kind] = (x[rows], y[rows])
        yield batch


def loss_of_step(
    model: MultiModel, step: ModalityStep, balance: float, apart: bool
) -> Tensor:
    """Add up the losses of all modalities, and the cost of using experts unevenly."""
    loss, gates = torch.zeros(()), []
    for kind, (x, y) in step.items():
        loss = loss + F.cross_entropy(model(kind, x), y)
        gates.append(model.gates())
    if not balance:
        return loss
    groups = gates if apart else [[torch.cat(g) for g in zip(*gates, strict=True)]]
    uneven = [uneven_use(layer) for group in groups for layer in group]
    return loss + balance * torch.stack(uneven).sum()


def train_multi_model(
    model: MultiModel,
    data: Modalities,
    kinds: Sequence[str] = ("image", "text"),
    *,
    steps: int = 200,
    rate: float = 8e-3,
    balance: float = 0.01,
    apart: bool = False,
    seed: int = 0,
) -> History:
    """Train on batches of the modalities named, together in each step.

    Args:
        model: the body, its entrances and exits.
        data: what it learns from.
        kinds: which modalities, of `image` and `text`.
        steps: how many updates.
        rate: the highest learning rate.
        balance: what using the experts unevenly costs, w_importance of equation 7.
        apart: each modality has to use them evenly, not just both together.
        seed: of the batches.

    """
    return fit(
        model,
        lambda step: loss_of_step(model, step, balance, apart),
        draw_step(data, kinds, torch.Generator().manual_seed(seed)),
        steps=steps,
        rate=rate,
        warmup=steps // 4,
        optimizer=torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.02),
        label=" and ".join(kinds),
    )


@torch.no_grad()
def judge_modality(
    model: MultiModel, data: Modalities, kind: str
) -> tuple[float, Tensor]:
    """Return the share of right answers, and each expert's share, (layers, experts)."""
    x, y = data.test[kind]
    right = (model(kind, x).argmax(-1) == y).float().mean().item()
    return right, torch.stack([gates.mean(0) for gates in model.gates()])
