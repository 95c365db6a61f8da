"""A small model that writes letter by letter, with a choice of position encodings."""

import math

import torch
from torch import Tensor, nn

from attention.data.pairs import load_pairs
from attention.mechanisms.masking import weigh_keys
from attention.mechanisms.masks import causal_mask
from attention.mechanisms.multi_head import merge_heads, split_heads
from attention.mechanisms.positions import alibi_bias, apply_rope, sinusoidal_positions

KINDS = ("none", "learned", "sinusoidal", "RoPE", "ALiBi")


def place_scores(
    query: Tensor,
    key: Tensor,
    kind: str,
    squeeze: float = 1.0,
) -> Tensor:
    """Score queries and keys (..., h, n, d_k), with one kind of positions."""
    h, n, d_k = query.shape[-3:]
    if kind == "RoPE":
        at = torch.arange(n) / squeeze
        query, key = apply_rope(query, at), apply_rope(key, at)
    scores = query @ key.transpose(-2, -1) / math.sqrt(d_k)
    return scores + alibi_bias(h, n) if kind == "ALiBi" else scores


def load_letters() -> tuple[Tensor, Tensor, int]:
    """Return the English sentences of both splits, letter by letter.

    Returns:
        The training text and the test text, numbers (letters,), one sentence after
        another; and how many different letters there are.

    """
    train, test = (
        "\n".join(" ".join(pair.english) for pair in load_pairs(split))
        for split in ("train", "test")
    )
    code = {letter: i for i, letter in enumerate(sorted(set(train + test)))}
    coded = [torch.tensor([code[letter] for letter in text]) for text in (train, test)]
    return coded[0], coded[1], len(code)


def random_pieces(text: Tensor, n: int, size: int) -> tuple[Tensor, Tensor]:
    """Cut `size` pieces of n letters, and the letters that follow each of them."""
    start = torch.randint(len(text) - n, (size, 1))
    piece = text[start + torch.arange(n + 1)]
    return piece[:, :-1], piece[:, 1:]


class Block(nn.Module):
    """Self-attention, then two linear layers a token, each added to its input."""

    def __init__(self, kind: str, d_model: int, h: int) -> None:
        """Make the weights of one layer."""
        super().__init__()
        self.kind, self.h = kind, h
        self.norm = nn.LayerNorm(d_model)
        self.qkv, self.out = (
            nn.Linear(d_model, 3 * d_model),
            nn.Linear(d_model, d_model),
        )
        self.feed = nn.Sequential(
            nn.LayerNorm(d_model),
            nn.Linear(d_model, 2 * d_model),
            nn.ReLU(),
            nn.Linear(2 * d_model, d_model),
        )

    def forward(self, x: Tensor, mask: Tensor, squeeze: float = 1.0) -> Tensor:
        """Map (batch, n, d_model) to (batch, n, d_model)."""
        parts = self.qkv(self.norm(x)).chunk(3, dim=-1)
        q, k, v = (split_heads(part.contiguous(), self.h) for part in parts)
        weights = weigh_keys(place_scores(q, k, self.kind, squeeze), mask)
        x = x + self.out(merge_heads(weights @ v))
        return x + self.feed(x)


class Writer(nn.Module):
    """Score the next letter at each place, from the letters so far."""

    def __init__(
        self,
        kind: str,
        n_letters: int,
        longest: int,
        d_model: int = 64,
        h: int = 4,
        layers: int = 2,
    ) -> None:
        """Make the model for texts of at most `longest` letters.

        Raises:
            ValueError: if the kind of positions is unknown.

        """
        super().__init__()
        if kind not in KINDS:
            raise ValueError(f"kind: no {kind!r} among {', '.join(KINDS)}")
        self.embed = nn.Embedding(n_letters, d_model)
        self.blocks = nn.ModuleList(Block(kind, d_model, h) for _ in range(layers))
        self.read = nn.Linear(d_model, n_letters)
        places = torch.zeros(longest, d_model)
        if kind == "sinusoidal":
            places = sinusoidal_positions(longest, d_model)
        elif kind == "learned":
            places = 0.1 * torch.randn(longest, d_model)
        self.places = nn.Parameter(places, requires_grad=kind == "learned")

    def forward(
        self, text: Tensor, window: int | None = None, squeeze: float = 1.0
    ) -> Tensor:
        """Return logits (batch, n, n_letters) of the letter after each of (batch, n).

        Each letter sees itself and all before it, or the `window` - 1 just before it.
        RoPE's positions are divided by `squeeze`: position interpolation.
        """
        n = text.shape[1]
        mask = causal_mask(n, n)
        if window is not None:
            mask = mask.triu(1 - window)
        x = self.embed(text) + self.places[:n]
        for block in self.blocks:
            x = block(x, mask, squeeze)
        return self.read(x)
