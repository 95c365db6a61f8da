"""Drawings of WaveNet's block and of ByteNet's towers, with shapes from the modules."""

import torch
from torch import Tensor, nn

from attention.figures.drawing import Arrow, Part, Room
from attention.mechanisms.convolution import causal_dilated_conv
from attention.models.bytenet import ByteNet
from attention.models.wavenet import GatedBlock


def _by(x: Tensor) -> str:
    """Write the last two axes of a tensor, positions first."""
    return "×".join(map(str, x.shape[-2:]))


@torch.no_grad()
def wavenet_block(block: GatedBlock, n: int, narrow: bool = False) -> list[Part]:
    """Return the parts of a block that reads n positions."""
    d = block.out.in_features
    x = torch.zeros(1, n, d)
    both = causal_dilated_conv(x.transpose(1, 2), block.weight, block.dilation)
    flow, z = _by(both.chunk(2, 1)[0].mT), _by(block.gate(both).mT)
    onward, skipped = map(_by, block(x))
    taps = f"{block.weight.shape[2]} taps, gap {block.dilation}"
    places = _BLOCK_NARROW if narrow else _BLOCK_WIDE
    names = _BLOCK_NAMES | {"filter": ("filter", taps), "gate": ("gate", taps)}
    rooms = [Room(key, places[key], *name) for key, name in names.items()]
    x_place, plus = places["x"], places["plus"]
    corners = (
        [(16.0, x_place[1]), (16.0, plus[1])]
        if narrow
        else [(x_place[0], 10.0), (plus[0], 10.0)]
    )
    return [
        *rooms,
        Arrow("x", "filter", "", turn="up"),
        Arrow("x", "gate", "", turn="up"),
        Arrow("filter", "tanh", flow),
        Arrow("gate", "sigma", flow),
        Arrow("tanh", "times", "", turn="across"),
        Arrow("sigma", "times", "", turn="across"),
        Arrow("times", "out", z, turn="up" if narrow else "straight"),
        Arrow("times", "skip", "", turn="up"),
        Arrow("out", "plus", onward),
        Arrow("skip", "sum", skipped),
        Arrow("x", "plus", _by(x), via=corners),
    ]


_BLOCK_NAMES = {
    "x": ("x", ""),
    "tanh": ("tanh", ""),
    "sigma": ("σ", ""),
    "times": ("⊙", ""),
    "out": ("1×1", "out"),
    "skip": ("1×1", "skip"),
    "plus": ("+", ""),
    "sum": ("Σ", "all skips"),
}
_BLOCK_WIDE: dict[str, tuple[float, float]] = {
    "x": (30, 110),
    "filter": (150, 62),
    "gate": (150, 158),
    "tanh": (320, 62),
    "sigma": (320, 158),
    "times": (400, 110),
    "out": (510, 110),
    "plus": (650, 110),
    "skip": (510, 200),
    "sum": (650, 200),
}
_BLOCK_NARROW: dict[str, tuple[float, float]] = {
    "x": (165, 470),
    "filter": (95, 390),
    "gate": (240, 390),
    "tanh": (95, 300),
    "sigma": (240, 300),
    "times": (165, 240),
    "out": (110, 160),
    "plus": (110, 60),
    "skip": (250, 160),
    "sum": (250, 60),
}


@torch.no_grad()
def bytenet_towers(
    model: ByteNet, source: Tensor, given: Tensor, narrow: bool = False
) -> list[Part]:
    """Return the parts of a ByteNet that reads source (1, n) and given (1, m)."""
    memory = model.encode(source)
    logits = model.decode(given, memory)
    embedded = model.embed(given, model.embed_target, model.widen_target)
    left, right = (95.0, 265.0) if narrow else (270.0, 560.0)
    step, wide = (95.0, 176.0) if narrow else (78.0, 250.0)

    def blocks(stack: nn.ModuleList, sees: str) -> str:
        return f"gaps {', '.join(str(block.dilation) for block in stack)}: {sees}"

    reads, writes = blocks(model.encoder, "both sides"), blocks(model.decoder, "past")
    rooms = [
        Room("source", (left, 4 * step), "source", f"{source.shape[1]} tokens"),
        Room("encoder", (left, 3 * step), "encoder", reads, size=(wide, 54)),
        Room("given", (right, 3 * step), "target", f"{given.shape[1]} so far"),
        Room("join", (left, 2 * step), "join by position", size=(wide, 36)),
        Room("decoder", (left, step), "decoder", writes, size=(wide, 54)),
        Room("logits", (left, 0), "logits"),
    ]
    return [
        *rooms,
        Arrow("source", "encoder", "×".join(map(str, source.shape))),
        Arrow("encoder", "join", _by(memory)),
        Arrow("given", "join", _by(embedded), turn="up"),
        Arrow("join", "decoder", _by(model.join(torch.cat([embedded] * 2, -1)))),
        Arrow("decoder", "logits", _by(logits)),
    ]
