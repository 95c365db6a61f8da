"""Train models to copy strings of letters, and disturb what they are given."""

from collections.abc import Callable, Iterable, Iterator

import torch
from torch import Tensor, nn

from attention.data.batches import Batch, batches
from attention.data.copying import LETTERS, random_strings
from attention.data.vocabulary import Vocabulary
from attention.training.translators import train

ALPHABET = Vocabulary(LETTERS)
[FIRST_LETTER] = ALPHABET.encode(LETTERS[0])
LONGEST_TRAINED = 20


def train_copying(
    model: nn.Module,
    *,
    steps: int,
    seed: int,
    label: str,
    change: Callable[[Iterable[Batch]], Iterable[Batch]] = iter,
) -> None:
    """Train a translator to copy new strings of 2 to 20 letters, 64 a step.

    Args:
        model: takes a batch, returns logits (batch, m, tokens).
        steps: how many updates.
        seed: of the strings.
        label: what the progress is called.
        change: what is made of the batches before the model sees them.

    """
    strings = random_strings(64 * steps, range(2, LONGEST_TRAINED + 1), seed=seed)
    pairs = [(s, s) for s in strings]
    stream = batches(pairs, ALPHABET, ALPHABET, steps=steps)
    train(model, change(stream), steps=steps, rate=8e-3, label=label)


def replace_letters(given: Tensor, where: Tensor) -> Tensor:
    """Return `given` (batch, m) with other letters of the alphabet at `where`."""
    n = len(LETTERS)
    moved = torch.randint_like(given, 1, n)
    other = FIRST_LETTER + (given - FIRST_LETTER + moved) % n
    return torch.where(where & (given >= FIRST_LETTER), other, given)


def disturbed(stream: Iterable[Batch], share: float = 0.1) -> Iterator[Batch]:
    """Yield the batches with a share of the given letters replaced."""
    for batch in stream:
        where = torch.rand(batch.given.shape) < share
        yield batch._replace(given=replace_letters(batch.given, where))
