"""A Neural GPU of width 1: Kaiser and Sutskever (2016), with later repairs.

The repairs are those of Freivalds and Liepins (2017): gates and candidates cut straight
instead of bent (`hard`), and a third of the numbers each that move one place to the
left or right with every step (`diagonal`); and ours: noise on what the gates see.
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class NeuralGPU(nn.Module):
    """The same small step at all places, as often as the input is long."""

    def __init__(
        self,
        symbols: int = 5,
        answers: int = 2,
        m: int = 24,
        *,
        hard: bool = True,
        diagonal: bool = True,
        noise: float = 0.3,
    ) -> None:
        """Make the embedding, the CGRU's weights and the output map.

        Args:
            symbols: how many symbols may come in.
            answers: how many may come out.
            m: how many numbers stand at a place.
            hard: straight gates and candidates, cut off at both ends.
            diagonal: move a third of the kept numbers to the left, one to the right.
            noise: the spread of what is added, in training, before each nonlinearity.

        """
        super().__init__()
        self.hard, self.diagonal, self.noise = hard, diagonal, noise
        self.embed = nn.Embedding(symbols, m)
        self.gates = nn.Linear(3 * m, 2 * m)  # of left, own and right place
        self.candidate = nn.Linear(3 * m, m)
        self.out = nn.Linear(m, answers)
        nn.init.constant_(self.gates.bias, 0.5 if hard else 1.0)
        self.watched = False  # whether the next line is kept, which takes time
        self.saturation: Tensor | float = 0.0  # how far beyond the cut, last run

    def forward(self, ids: Tensor, steps: int | None = None) -> Tensor:
        """Answer at every place, (batch, n, answers), to ids (batch, n), in n steps."""
        *_, s = self.states(ids, steps)
        answers: Tensor = self.out(s).transpose(0, 1)
        return answers

    def states(self, ids: Tensor, steps: int | None = None) -> Iterator[Tensor]:
        """Yield the state at first and after each step, (n, batch, m).

        Places are the first axis: a shift is then one copy.
        """
        s = self._squash(self.embed(ids.T))
        steps = ids.shape[1] if steps is None else steps
        self.saturation = 0.0
        yield s
        for _ in range(steps):
            s = self.step(s)
            yield s

    def step(self, s: Tensor) -> Tensor:
        """Take the state (n, batch, m) one step on."""
        u, r = self._gate(self._see(self.gates, s)).chunk(2, -1)
        candidate = self._squash(self._see(self.candidate, r * s))
        return torch.lerp(candidate, self._move(s) if self.diagonal else s, u)

    def weights(self) -> dict[str, tuple[Tensor, Tensor]]:
        """Return kernels (m, m, 3) and biases as `cgru_step` takes them."""
        m = self.candidate.out_features

        def kernel(weight: Tensor) -> Tensor:
            return weight.view(m, 3, m).transpose(1, 2)

        (update, reset), (b_u, b_r) = (
            part.chunk(2) for part in (self.gates.weight, self.gates.bias)
        )
        return {
            "update": (kernel(update), b_u),
            "reset": (kernel(reset), b_r),
            "candidate": (kernel(self.candidate.weight), self.candidate.bias),
        }

    def _see(self, linear: nn.Linear, s: Tensor) -> Tensor:
        """Convolve: a linear map of each place and its two neighbours."""
        wide = F.pad(s, (0, 0, 0, 0, 1, 1))
        seen: Tensor = linear(torch.cat([wide[:-2], s, wide[2:]], -1))
        if self.watched:
            self.saturation = self.saturation + F.relu(seen.abs() - 0.9).mean()
        if self.training and self.noise:
            seen = seen + self.noise * torch.randn_like(seen)
        return seen

    def _move(self, s: Tensor) -> Tensor:
        """Move a third of the numbers one place left, the next third one right."""
        left, right, rest = s.tensor_split(3, -1)
        return torch.cat(
            [
                F.pad(left[1:], (0, 0, 0, 0, 0, 1)),
                F.pad(right[:-1], (0, 0, 0, 0, 1, 0)),
                rest,
            ],
            -1,
        )

    def _gate(self, x: Tensor) -> Tensor:
        return F.hardsigmoid(3 * x) if self.hard else x.sigmoid()  # (x + 1) / 2, cut

    def _squash(self, x: Tensor) -> Tensor:
        return F.hardtanh(x) if self.hard else x.tanh()
