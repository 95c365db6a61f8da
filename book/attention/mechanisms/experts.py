"""A mixture of experts: gates that leave most networks out.

Shazeer et al. (2017), "Outrageously large neural networks", sections 2.1 and 4.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attention.shapes import check_shape


def top_k_gate(logits: Tensor, k: int) -> Tensor:
    """Return the softmax over the k largest logits, and 0 elsewhere: equations 3 to 5.

    Exactly k are kept: of equal ones, those that `topk` takes.

    Args:
        logits: (..., experts).
        k: how many experts are asked.

    Returns:
        Gates (..., experts) that sum to 1.

    Raises:
        ValueError: unless k is at least 1 and at most the number of experts.

    """
    experts = logits.shape[-1]
    if not 1 <= k <= experts:
        raise ValueError(f"k: expected 1 to {experts} experts, got {k}")
    kept = torch.zeros_like(logits, dtype=torch.bool)
    kept = kept.scatter(-1, logits.topk(k, -1).indices, True)
    return logits.masked_fill(~kept, -math.inf).softmax(-1)


def uneven_use(gates: Tensor) -> Tensor:
    """Return the squared coefficient of variation of the experts' use: equation 7.

    Args:
        gates: (rows, experts).

    Returns:
        A number: 0 if all experts are used alike, experts - 1 if one has it all.

    """
    use = gates.sum(0)  # the importance of each expert: equation 6
    return use.var(unbiased=False) / use.mean().square()


class Experts(nn.Module):
    """Feed-forward networks, of which each row asks the k that its gate chooses."""

    def __init__(self, d: int, d_ff: int, experts: int, k: int) -> None:
        """Make gates that begin with no preference, and the experts."""
        super().__init__()
        self.k = k
        self.gate = nn.Linear(d, experts, bias=False)
        self.noise = nn.Linear(d, experts, bias=False)
        nn.init.zeros_(self.gate.weight)  # as in appendix A
        nn.init.zeros_(self.noise.weight)
        self.experts = nn.ModuleList(
            nn.Sequential(nn.Linear(d, d_ff), nn.ReLU(), nn.Linear(d_ff, d))
            for _ in range(experts)
        )
        self.gates = torch.zeros(0, experts)  # those of the last call

    def forward(self, x: Tensor) -> Tensor:
        """Map x (rows, d): each expert sees the rows alone that ask it: equation 1."""
        check_shape("x (rows, d)", x, "rows", self.gate.in_features)
        logits = self.gate(x)
        if self.training:  # equation 4: noise, as loud as the row wants it
            loud = F.softplus(self.noise(x))
            logits = logits + torch.randn_like(logits) * loud
        self.gates = top_k_gate(logits, self.k)
        out = torch.zeros_like(x)
        for e, expert in enumerate(self.experts):
            rows = self.gates[:, e].nonzero()[:, 0]
            if len(rows):
                said = self.gates[rows, e, None] * expert(x[rows])
                out = out.index_add(0, rows, said)
        return out
