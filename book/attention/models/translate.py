"""Translating with a trained model, and measuring how well it goes."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import sacrebleu
import torch
from torch import Tensor

from attention.data.batches import make_batch
from attention.data.vocabulary import END, START, Vocabulary, pad
from attention.models.decoding import greedy_decode


class TokenWriter(Protocol):
    """A model that reads a source once, and then writes token by token."""

    def start(self, source: Tensor) -> Any:
        """Read the source (batch, n), PAD at the end; return the first state."""

    def step(self, token: Tensor, state: Any) -> tuple[Tensor, Any, Tensor | None]:
        """Read the last tokens (batch,) and the state before them.

        Return logits (batch, n_tokens) of what comes next, the state after the step,
        and the weights (batch, n) over the source, None where there is no attention.
        """


class Translation(NamedTuple):
    """What a model wrote, and where it looked for each token."""

    tokens: list[str]
    weights: Tensor | None  # (tokens, source tokens); None without attention


@torch.no_grad()
def translate(
    model: TokenWriter,
    texts: Sequence[Sequence[str]],
    source: Vocabulary,
    target: Vocabulary,
    max_len: int = 40,
) -> list[Translation]:
    """Write the likeliest token at each step, and read it at the next one."""
    looked: list[Tensor] = []

    def step(token: Tensor, state: Any) -> tuple[Tensor, Any]:
        logits, state, weights = model.step(token, state)
        if weights is not None:
            looked.append(weights)
        return logits, state

    state = model.start(pad([source.encode(text) for text in texts]))
    start = torch.full((len(texts),), START)
    numbers = greedy_decode(step, state, start, END, max_len)
    tokens = [target.decode(row) for row in numbers]
    if not looked:
        return [Translation(row, None) for row in tokens]
    table = torch.stack(looked, dim=1)  # (batch, steps, n)
    return [
        Translation(row, table[i, : len(row), : len(texts[i])])
        for i, row in enumerate(tokens)
    ]


@torch.no_grad()
def follow(
    model: TokenWriter,
    text: Sequence[str],
    truth: Sequence[str],
    source: Vocabulary,
    target: Vocabulary,
) -> Tensor:
    """Return where a model looks while it is given a true translation.

    Args:
        model: a translator with attention.
        text: the source tokens, n of them.
        truth: the target tokens, m of them.
        source: the vocabulary of the source.
        target: the vocabulary of the target.

    Returns:
        Weights, (m, n): row t is read before the model has seen token t.

    """
    batch = make_batch([(text, truth)], source, target)
    state = model.start(batch.source)
    rows = []
    for given in batch.given.unbind(1)[:-1]:
        _, state, weights = model.step(given, state)
        if weights is None:
            raise ValueError("expected a translator with attention, got one without")
        rows.append(weights[0])
    return torch.stack(rows)


def exact_match(
    outputs: Sequence[Sequence[str]], truths: Sequence[Sequence[str]]
) -> float:
    """Return the share of outputs that equal their truth token by token."""
    hits = [list(o) == list(t) for o, t in zip(outputs, truths, strict=True)]
    return sum(hits) / len(hits)


def bleu(
    outputs: Sequence[Sequence[str]], references: Sequence[Sequence[Sequence[str]]]
) -> float:
    """Score a corpus of translations, from 0 to 100, with sacrebleu.

    The tokens are taken as they are (`tokenize=none`).

    Args:
        outputs: for each sentence its tokens.
        references: for each sentence one or more translations, as tokens.

    Raises:
        ValueError: the numbers of sentences differ; sacrebleu would leave out what has
            no reference, and call a corpus with one right sentence perfect.

    """
    if len(outputs) != len(references):
        raise ValueError(
            f"expected references for {len(outputs)} outputs, got {len(references)}"
        )
    most = max(len(texts) for texts in references)
    streams = [
        [" ".join(texts[i]) if i < len(texts) else None for texts in references]
        for i in range(most)
    ]
    metric = sacrebleu.BLEU(tokenize="none", force=True)
    written = [" ".join(tokens) for tokens in outputs]
    # None stands for a missing reference, which sacrebleu's type hints leave out.
    return metric.corpus_score(written, streams).score  # type: ignore[arg-type]
