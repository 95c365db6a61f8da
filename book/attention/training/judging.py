"""A language model with one dense layer on top, and its fine-tuning with few labels."""

import random
from collections.abc import Collection, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attention.data.vocabulary import END
from attention.models.elmo import TwoWayLM
from attention.models.small_transformer import SmallTransformer
from attention.training.fine_tuning import (
    discriminative_rates,
    parameter_groups,
    slanted_triangular,
    unfreeze,
)

WAYS = ("triangular", "discriminative", "unfreezing")


class SentenceJudge(nn.Module):
    """Say yes or no to a sentence, with a language model and one dense layer.

    ULMFiT reads the last state, the mean and the maximum of the half that reads from
    the left; the OpenAI transformer the state of the last token; BERT of the first.
    """

    def __init__(self, model: TwoWayLM | SmallTransformer) -> None:
        """Put a dense layer on a model; `groups` are the layers, from low to high."""
        super().__init__()
        d = model.embed.embedding_dim
        self.model = model
        if isinstance(model, TwoWayLM):
            self.head, stack = nn.Linear(3 * d, 1), model.ahead
        else:
            self.head, stack = nn.Linear(d, 1), model.layers
        self.groups = [model.embed, *stack, self.head]

    def forward(self, ids: Tensor) -> Tensor:
        """Return a logit for each sentence: (batch,), given ids (batch, n)."""
        if isinstance(self.model, TwoWayLM):
            x = self.model.run(self.model.ahead, self.model.embed(ids))[-1]
            read = torch.cat([x[:, -1], x.mean(1), x.amax(1)], dim=-1)
        else:
            read = self.model(ids)[-1][:, -1 if self.model.causal else 0]
        return self.head(read)[:, 0]


def even_batches(
    rows: Sequence[Sequence[int]], size: int
) -> list[tuple[list[int], Tensor]]:
    """Group rows by length; the shorter ones of a group end with more than one END.

    Returns the numbers of the rows of each group, and the group (batch, n).
    """
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    groups = [order[k : k + size] for k in range(0, len(rows), size)]
    longest = [len(rows[group[-1]]) for group in groups]
    return [
        (g, torch.tensor([[*rows[i], *[END] * (n - len(rows[i]))] for i in g]))
        for g, n in zip(groups, longest, strict=True)
    ]


def fine_tune(
    judge: SentenceJudge,
    rows: Sequence[Sequence[int]],
    truth: Tensor,
    *,
    epochs: int = 4,
    rate: float = 2e-3,
    ways: Collection[str] = ("triangular",),
    seed: int = 0,
) -> SentenceJudge:
    """Train a judge on labelled sentences; return it, ready to be asked.

    Args:
        judge: a model and its dense layer; it learns.
        rows: sentences as numbers.
        truth: booleans, (rows,).
        epochs: passes through the sentences.
        rate: the highest learning rate.
        ways: which of ULMFiT's ways to take, out of WAYS.
        seed: shuffles the batches.

    """
    rng, groups = random.Random(seed), even_batches(rows, 15)
    factor = 2.6 if "discriminative" in ways else 1.0
    rates = discriminative_rates(len(judge.groups), rate, factor)
    optimizer = torch.optim.AdamW(parameter_groups(judge.groups, rates))
    plan = [(e, g) for e in range(epochs) for g in rng.sample(groups, len(groups))]
    judge.train()
    for step, (epoch, (group, ids)) in enumerate(plan):
        unfreeze(judge.groups, epoch + 1 if "unfreezing" in ways else len(judge.groups))
        up_and_down = "triangular" in ways
        share = slanted_triangular(step, len(plan), peak=1.0) if up_and_down else 1.0
        for parameters in optimizer.param_groups:
            parameters["lr"] = share * parameters["rate"]
        optimizer.zero_grad()
        F.binary_cross_entropy_with_logits(judge(ids), truth[group].float()).backward()
        optimizer.step()
    return judge.eval()


@torch.no_grad()
def accuracy(
    judge: SentenceJudge, rows: Sequence[Sequence[int]], truth: Tensor
) -> float:
    """Return the share of sentences that a judge gets right."""
    right = [
        ((judge(ids) > 0) == truth[group]).sum()
        for group, ids in even_batches(rows, 50)
    ]
    return int(sum(right)) / len(rows)
