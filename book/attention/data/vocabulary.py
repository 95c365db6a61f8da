"""Vocabularies: tokens to numbers and back."""

from collections import Counter
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

PAD, START, END, UNKNOWN = range(4)
SPECIAL = ("<pad>", "<start>", "<end>", "<unk>")


class Vocabulary:
    """An ordered list of tokens; the first four have a special meaning."""

    def __init__(self, tokens: Iterable[str]) -> None:
        """Number the tokens in the order in which they come, after the special ones.

        Raises:
            ValueError: if a token comes twice.

        """
        self.tokens = [*SPECIAL, *tokens]
        self.index = {token: i for i, token in enumerate(self.tokens)}
        if len(self.index) < len(self.tokens):
            twice = [t for t, n in Counter(self.tokens).items() if n > 1]
            raise ValueError(f"tokens must differ: {twice[:3]} come more than once")

    @classmethod
    def of(cls, texts: Iterable[Sequence[str]], at_least: int = 1) -> "Vocabulary":
        """Collect the tokens that come `at_least` times, most frequent first."""
        counts = Counter(token for text in texts for token in text)
        kept = [token for token, n in counts.items() if n >= at_least]
        return cls(sorted(kept, key=lambda token: (-counts[token], token)))

    def __len__(self) -> int:
        """Count the tokens, special ones included."""
        return len(self.tokens)

    def encode(self, text: Iterable[str]) -> list[int]:
        """Turn tokens into numbers; a token that is not known becomes UNKNOWN."""
        return [self.index.get(token, UNKNOWN) for token in text]

    def decode(self, numbers: Iterable[int]) -> list[str]:
        """Turn numbers into tokens, up to the first END and without padding."""
        tokens = []
        for number in map(int, numbers):
            if number == END:
                break
            if number not in (PAD, START):
                tokens.append(self.tokens[number])
        return tokens


def pad(rows: Sequence[Sequence[int]]) -> Tensor:
    """Stack rows of unequal length into one (rows, longest) tensor, padded with PAD."""
    longest = max(len(row) for row in rows)
    return torch.tensor([[*row, *[PAD] * (longest - len(row))] for row in rows])
