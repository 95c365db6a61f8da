"""One body for pictures and text, a small MultiModel: Kaiser et al. (2017).

The paper's body mixes convolutions, attention and experts between small networks that
belong to a modality each. Ours has one layer's kinds of blocks, smaller: no decoder.
"""

import torch
from torch import Tensor, nn

from attention.mechanisms.experts import Experts
from attention.mechanisms.multi_head import MultiHeadedAttention
from attention.models.blocks import LayerNorm

PATCH, PICTURE_SIDE = 2, 8  # pixels along a patch and along a picture


def cut_patches(images: Tensor) -> Tensor:
    """Cut (batch, 8, 8) into 16 patches of 2 by 2, row by row: (batch, 16, 4)."""
    a = PICTURE_SIDE // PATCH
    cut = images.view(-1, a, PATCH, a, PATCH).transpose(2, 3)
    return cut.reshape(-1, a * a, PATCH * PATCH)


class MixedLayer(nn.Module):
    """Depthwise convolution, self-attention, experts, each added to what came in."""

    def __init__(self, d: int, h: int, d_ff: int, experts: int, k: int) -> None:
        """Make `conv`, `attend`, `experts` and two norms."""
        super().__init__()
        self.conv = nn.Conv1d(d, d, 3, padding=1, groups=d)
        self.attend = MultiHeadedAttention(h, d)
        self.experts = Experts(d, d_ff, experts, k)
        self.norms = nn.ModuleList(LayerNorm(d) for _ in range(2))

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Turn x (batch, n, d) into as many vectors; mask (batch, n) is True on it."""
        x = x + self.conv((x * mask[..., None]).transpose(1, 2)).transpose(1, 2)
        y = self.norms[0](x)
        x = x + self.attend(y, y, y, mask[:, None])
        rows = self.norms[1](x)[mask]  # no expert is asked about padding
        return x.masked_scatter(mask[..., None], x[mask] + self.experts(rows))


class MultiModel(nn.Module):
    """A body of two layers between an entrance and an exit for each modality."""

    def __init__(
        self,
        words: int,
        d: int = 48,
        h: int = 3,
        d_ff: int = 64,
        layers: int = 2,
        experts: int = 4,
        k: int = 2,
        longest: int = 24,
    ) -> None:
        """Make the entrances `word` and `patch`, the `layers`, and the `exits`."""
        super().__init__()
        self.word = nn.Embedding(words, d)
        self.patch = nn.Linear(PATCH * PATCH, d)
        self.places = nn.ParameterDict(
            {
                "text": torch.randn(longest, d) * 0.1,
                "image": torch.randn((PICTURE_SIDE // PATCH) ** 2, d) * 0.1,
            }
        )
        self.layers = nn.ModuleList(
            MixedLayer(d, h, d_ff, experts, k) for _ in range(layers)
        )
        self.norm, self.dropout = LayerNorm(d), nn.Dropout(0.3)
        self.exits = nn.ModuleDict({"image": nn.Linear(d, 10), "text": nn.Linear(d, 2)})
        nn.init.normal_(self.word.weight, std=0.3)

    def enter(self, kind: str, x: Tensor) -> tuple[Tensor, Tensor]:
        """Turn patches (batch, 16, 4) or ids (batch, n) into vectors, and their mask.

        0 is padding among the ids.
        """
        if kind == "image":
            vectors = self.patch(x)
            mask = torch.ones(vectors.shape[:2], dtype=torch.bool)
        else:
            vectors, mask = self.dropout(self.word(x)), x > 0
        return vectors + self.places[kind][: x.shape[1]], mask

    def forward(self, kind: str, x: Tensor) -> Tensor:
        """Return the logits of x, of an `image` (batch, 10), of a `text` (batch, 2)."""
        y, mask = self.enter(kind, x)
        for layer in self.layers:
            y = layer(y, mask)
        real = mask[..., None]
        mean = (self.norm(y) * real).sum(1) / real.sum(1)
        logits: Tensor = self.exits[kind](mean)
        return logits

    def gates(self) -> list[Tensor]:
        """Return each layer's gates of the last call, (rows, experts)."""
        return [part.gates for part in self.modules() if isinstance(part, Experts)]
