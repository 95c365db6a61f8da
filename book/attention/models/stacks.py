"""Stacks of recurrent, convolutional or attention layers, to compare their reach."""

from torch import Tensor, nn
from torch.nn import functional as F

from attention.mechanisms.positions import sinusoidal_positions
from attention.mechanisms.self_attention import self_attention

KERNEL = 3


class Convolution(nn.Module):
    """A convolution over what lies at a position and before it, then a ReLU."""

    def __init__(self, d: int, gap: int) -> None:
        """Look at KERNEL positions that are `gap` apart."""
        super().__init__()
        self.conv = nn.Conv1d(d, d, KERNEL, dilation=gap)
        self.past = (KERNEL - 1) * gap

    def forward(self, x: Tensor) -> Tensor:
        """Map (batch, n, d) to (batch, n, d)."""
        return F.relu(self.conv(F.pad(x.mT, (self.past, 0)))).mT


class Recurrent(nn.Module):
    """A recurrent layer without its last state."""

    def __init__(self, layer: nn.RNNBase) -> None:
        """Wrap an RNN or a GRU."""
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        """Map (batch, n, d) to (batch, n, d)."""
        return self.layer(x)[0]


class Attend(nn.Module):
    """Self-attention with one head over tokens with sinusoidal positions."""

    def __init__(self, d: int) -> None:
        """Make the three projections."""
        super().__init__()
        self.W_q, self.W_k, self.W_v = (nn.Linear(d, d, bias=False) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        """Map (batch, n, d) to (batch, n, d)."""
        x = x + sinusoidal_positions(*x.shape[-2:])
        matrices = (layer.weight.T for layer in (self.W_q, self.W_k, self.W_v))
        return self_attention(x, *matrices)[0]


def stack(kind: str, layers: int, d: int) -> nn.Sequential:
    """Make a stack of layers of one kind, (batch, n, d) to (batch, n, d).

    Args:
        kind: `RNN`, `GRU`, `convolution`, `dilated` (gaps 1, 3, 9 ...) or `attention`.
        layers: how many.
        d: the width.

    Raises:
        ValueError: if the kind is unknown.

    """
    made = {
        "RNN": lambda i: Recurrent(nn.RNN(d, d, batch_first=True)),
        "GRU": lambda i: Recurrent(nn.GRU(d, d, batch_first=True)),
        "convolution": lambda i: Convolution(d, 1),
        "dilated": lambda i: Convolution(d, KERNEL**i),
        "attention": lambda i: Attend(d),
    }
    if kind not in made:
        raise ValueError(f"kind: no {kind!r} among {', '.join(made)}")
    return nn.Sequential(*(made[kind](i) for i in range(layers)))
