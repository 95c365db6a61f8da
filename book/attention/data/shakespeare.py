"""About a million characters of Shakespeare's plays: Karpathy's Tiny Shakespeare."""

import gzip

import torch
from torch import Tensor

from attention.data.files import book_file


class Characters:
    """A text's characters, numbered in their order."""

    def __init__(self, text: str) -> None:
        """Collect the characters of a text."""
        self.tokens = sorted(set(text))
        self.index = {token: i for i, token in enumerate(self.tokens)}

    def __len__(self) -> int:
        """Count the characters."""
        return len(self.tokens)

    def encode(self, text: str) -> Tensor:
        """Turn a text into numbers, (length,).

        Raises:
            KeyError: if a character is not known.

        """
        return torch.tensor([self.index[token] for token in text])

    def decode(self, ids: Tensor) -> str:
        """Turn numbers (length,) into a text."""
        return "".join(self.tokens[i] for i in ids.tolist())


def load_shakespeare() -> tuple[str, str]:
    """Return the text to learn from, and the last tenth, which is held out."""
    file = book_file("data/shakespeare.txt.gz")
    text = gzip.decompress(file.read_bytes()).decode("utf-8")
    cut = len(text) * 9 // 10
    return text[:cut], text[cut:]
