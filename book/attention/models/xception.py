"""Small nets of full, separable and super-separable convolutions, for pictures.

Chollet (2017): a stack of depthwise separable convolutions with residuals. Kaiser et
al. (2018): super-separable ones mix channels within groups alone.
"""

from torch import Tensor, nn
from torch.nn import functional as F

CONVOLUTIONS = ("full", "separable", "super-separable")


class SeparableConv2d(nn.Module):
    """Filter each channel by itself, 3 × 3, then mix the channels at each pixel."""

    def __init__(self, width: int, groups: int = 1) -> None:
        """Make `depthwise`, and `pointwise` within so many groups of channels."""
        super().__init__()
        self.depthwise = nn.Conv2d(width, width, 3, padding=1, groups=width, bias=False)
        self.pointwise = nn.Conv2d(width, width, 1, groups=groups)

    def forward(self, x: Tensor) -> Tensor:
        """Turn x (batch, width, height, breadth) into as much."""
        return self.pointwise(self.depthwise(x))


def make_convolution(kind: str, width: int, layer: int) -> nn.Module:
    """Return a 3 × 3 convolution of a kind; super-separable ones change their groups.

    Raises:
        ValueError: if the kind is unknown.

    """
    if kind not in CONVOLUTIONS:
        raise ValueError(f"kind: no {kind!r}; {', '.join(CONVOLUTIONS)}")
    if kind == "full":
        return nn.Conv2d(width, width, 3, padding=1)
    return SeparableConv2d(width, (2, 3)[layer % 2] if kind == CONVOLUTIONS[2] else 1)


class SmallXception(nn.Module):
    """A stem, three residual convolutions of one kind, and a mean over the picture."""

    def __init__(self, kind: str, width: int, classes: int = 10) -> None:
        """Make the net for pictures of one channel; see `CONVOLUTIONS`."""
        super().__init__()
        self.stem = nn.Conv2d(1, width, 3, padding=1)
        self.body = nn.ModuleList(make_convolution(kind, width, i) for i in range(3))
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for _ in range(3))
        self.out = nn.Linear(width, classes)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return logits (batch, classes) of pictures (batch, height, breadth)."""
        x = self.stem(pictures[:, None]).relu()
        for layer, (convolve, norm) in enumerate(
            zip(self.body, self.norms, strict=True)
        ):
            x = x + norm(convolve(x)).relu()
            if layer == 0:
                x = F.max_pool2d(x, 2)
        return self.out(x.mean((2, 3)))

    def body_size(self) -> int:
        """Count the weights of the three convolutions."""
        return sum(weight.numel() for weight in self.body.parameters())
