"""WordPiece: words become the longest pieces that a vocabulary holds."""

import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

CHINESE = (  # blocks whose characters are tokens by themselves
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B920, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)
LONGEST_WORD = 100  # letters; a longer word is unknown


class Encoded(NamedTuple):
    """Texts as an encoder reads them, padded to the longest."""

    ids: Tensor  # integers, (texts, n)
    segments: Tensor  # 0 or 1, (texts, n)
    mask: Tensor  # True on real tokens, (texts, n)


def pieces_of(word: str, vocabulary: dict[str, int], unknown: str) -> list[str]:
    """Cut a word into the longest pieces that are known, from the left.

    All pieces but the first begin with ##. A word that can't be cut is `unknown`.
    """
    pieces, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            piece = ("##" if start else "") + word[start:end]
            if piece in vocabulary:
                break
        else:
            return [unknown]
        pieces.append(piece)
        start = end
    return pieces


def words_of(text: str) -> list[str]:
    """Cut a text at spaces and around punctuation: lower case, without accents."""
    out = []
    for letter in unicodedata.normalize("NFD", _clean(text)).lower():
        if _is_punctuation(letter):
            out.append(f" {letter} ")
        elif unicodedata.category(letter) != "Mn":  # an accent
            out.append(letter)
    return "".join(out).split()


class WordPiece:
    """Text to numbers and back, as an uncased BERT does it."""

    def __init__(self, tokens: Sequence[str]) -> None:
        """Number the tokens in their order; [CLS], [SEP] and so on are among them.

        Raises:
            ValueError: if a special token is not there.

        """
        self.tokens = list(tokens)
        self.index = {token: i for i, token in enumerate(self.tokens)}
        for special in ("[PAD]", "[UNK]", "[CLS]", "[SEP]"):
            if special not in self.index:
                raise ValueError(f"the vocabulary lacks {special}")

    @classmethod
    def read(cls, path: Path) -> "WordPiece":
        """Read a vocabulary, one token a line."""
        return cls(path.read_text(encoding="utf-8").split("\n")[:-1])

    def pieces(self, text: str) -> list[str]:
        """Cut a text into pieces of the vocabulary, without special tokens."""
        return [
            piece
            for word in words_of(text)
            for piece in (
                pieces_of(word, self.index, "[UNK]")
                if len(word) <= LONGEST_WORD
                else ["[UNK]"]
            )
        ]

    def tokens_of(self, text: str) -> list[str]:
        """Cut a text into pieces, with [CLS] in front and [SEP] at the end."""
        return ["[CLS]", *self.pieces(text), "[SEP]"]

    def encode(self, texts: Sequence[str | tuple[str, str]]) -> Encoded:
        """Turn texts, or pairs of texts, into one batch."""
        rows, segments = [], []
        for text in texts:
            first, *second = (text,) if isinstance(text, str) else text
            tokens = self.tokens_of(first)
            more = [piece for part in second for piece in [*self.pieces(part), "[SEP]"]]
            rows.append([self.index[token] for token in tokens + more])
            segments.append([0] * len(tokens) + [1] * len(more))
        n = max(map(len, rows))
        fill = [self.index["[PAD]"]]
        return Encoded(
            torch.tensor([row + fill * (n - len(row)) for row in rows]),
            torch.tensor([row + [0] * (n - len(row)) for row in segments]),
            torch.tensor([[i < len(row) for i in range(n)] for row in rows]),
        )


def _clean(text: str) -> str:
    """Drop control characters, and set Chinese characters apart."""
    out = []
    for letter in text:
        code = ord(letter)
        if letter in "\t\n\r" or unicodedata.category(letter) == "Zs":
            out.append(" ")
        elif any(low <= code <= high for low, high in CHINESE):
            out.append(f" {letter} ")
        elif code not in (0, 0xFFFD) and unicodedata.category(letter)[0] != "C":
            out.append(letter)
    return "".join(out)


def _is_punctuation(letter: str) -> bool:
    """Say whether a character is a token by itself: $, + and ^ are, too."""
    code = ord(letter)
    ascii_sign = 33 <= code <= 126 and not letter.isalnum()
    return ascii_sign or unicodedata.category(letter).startswith("P")
