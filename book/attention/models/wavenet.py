"""WaveNet, gated dilated causal convolutions: van den Oord et al. (2016)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from attention.mechanisms.convolution import causal_dilated_conv


class InputQueue:
    """The last (k - 1) · dilation inputs of a block: Paine et al. (2016)."""

    def __init__(self, batch: int, d: int, k: int, dilation: int) -> None:
        """Begin with zeros, as they stand before a sequence."""
        self.ring = torch.zeros((k - 1) * dilation, batch, d)
        self.gap, self.time = dilation, 0

    def take_taps(self, x: Tensor) -> Tensor:
        """Return what the taps see, (batch, d, k), and keep x (batch, d)."""
        room, at = len(self.ring), self.time % len(self.ring)
        old = [self.ring[(at + i) % room] for i in range(0, room, self.gap)]
        taps = torch.stack([*old, x], dim=-1)
        self.ring[at] = x
        self.time += 1
        return taps


class GatedBlock(nn.Module):
    """tanh(W_f * x) ⊙ σ(W_g * x): section 2.3; a residual and a skip: section 2.4."""

    def __init__(self, d: int, k: int, dilation: int) -> None:
        """Make `weight` (2 d, d, k), filter over gate, and `out` and `skip`."""
        super().__init__()
        bound = (k * d) ** -0.5
        self.weight = nn.Parameter(torch.empty(2 * d, d, k).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(2 * d, 1))
        self.out, self.skip = nn.Linear(d, d), nn.Linear(d, d)
        self.dilation = dilation

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Turn x (batch, n, d) into the next block's input and what is skipped out."""
        both = causal_dilated_conv(x.transpose(1, 2), self.weight, self.dilation)
        z = self.gate(both + self.bias).transpose(1, 2)
        return x + self.out(z), self.skip(z)

    def gate(self, both: Tensor) -> Tensor:
        """Let the second half (batch, 2 d, n) say how much of the first passes."""
        filtered, gate = both.chunk(2, dim=1)
        return filtered.tanh() * gate.sigmoid()

    def step(self, x: Tensor, queue: InputQueue) -> tuple[Tensor, Tensor]:
        """Do the same for one new position, x (batch, d)."""
        taps = queue.take_taps(x)  # (batch, d, k)
        both = taps.flatten(1) @ self.weight.flatten(1).T + self.bias[:, 0]
        z = self.gate(both)
        return x + self.out(z), self.skip(z)


class WaveNet(nn.Module):
    """A stack of gated blocks between an embedding and logits of the next token."""

    def __init__(
        self,
        n_tokens: int,
        *,
        d: int = 32,
        k: int = 2,
        dilations: Sequence[int] = (1, 2, 4, 8, 16, 32, 64, 128),
    ) -> None:
        """Make the stack, one block for each dilation.

        Args:
            n_tokens: characters, or levels of a sound.
            d: the width of every vector.
            k: taps of each convolution, at least 2.
            dilations: of the blocks, from the first to the last.

        """
        super().__init__()
        self.embed = nn.Embedding(n_tokens, d)
        blocks = [GatedBlock(d, k, r) for r in dilations]
        self.blocks = nn.ModuleList(blocks)
        self.hidden, self.logits = nn.Linear(d, d), nn.Linear(d, n_tokens)
        self.d, self.k, self.dilations = d, k, tuple(dilations)

    def read(self, x: Tensor) -> Tensor:
        """Turn vectors (batch, n, d) into logits (batch, n, n_tokens)."""
        skipped = torch.zeros(())
        for block in self.blocks:
            x, skip = block(x)
            skipped = skipped + skip
        return self.judge(skipped)

    def judge(self, skipped: Tensor) -> Tensor:
        """Turn the sum of all skips (..., d) into logits (..., n_tokens)."""
        return self.logits(self.hidden(skipped.relu()).relu())

    def forward(self, ids: Tensor) -> Tensor:
        """Return logits (batch, n, n_tokens) of what follows each of ids (batch, n)."""
        return self.read(self.embed(ids))

    def make_queues(self, batch: int) -> list[InputQueue]:
        """Return an empty queue for each block."""
        return [InputQueue(batch, self.d, self.k, r) for r in self.dilations]

    def step(self, token: Tensor, queues: Sequence[InputQueue]) -> Tensor:
        """Read one token (batch,); return the logits (batch, n_tokens) of the next."""
        x, skipped = self.embed(token), torch.zeros(())
        for block, queue in zip(self.blocks, queues, strict=True):
            assert isinstance(block, GatedBlock)
            x, skip = block.step(x, queue)
            skipped = skipped + skip
        return self.judge(skipped)


@torch.no_grad()
def write_samples(
    model: WaveNet,
    ids: Tensor,
    n: int,
    generator: torch.Generator,
    *,
    queues: bool = True,
) -> Tensor:
    """Draw n more tokens after ids (batch, m), with queues or by reading all again.

    Returns:
        (batch, m + n); both ways draw the same tokens from the same generator.

    """
    kept = model.make_queues(len(ids)) if queues else []
    if queues:
        for token in ids[:, :-1].unbind(1):
            model.step(token, kept)
    for _ in range(n):
        logits = model.step(ids[:, -1], kept) if queues else model(ids)[:, -1]
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=generator)
        ids = torch.cat([ids, drawn], dim=1)
    return ids
