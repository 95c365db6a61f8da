"""One step of the Neural GPU, the CGRU: Kaiser and Sutskever (2016), section 2."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

from attention.shapes import check_shape

Squash = Callable[[Tensor], Tensor]
GATES = ("update", "reset", "candidate")


def cgru_step(
    s: Tensor,
    weights: Mapping[str, tuple[Tensor, Tensor]],
    *,
    gate: Squash = torch.sigmoid,
    squash: Squash = torch.tanh,
) -> Tensor:
    """Change every place of a state at once, each by its neighbours: the CGRU.

    u ⊙ s + (1 - u) ⊙ tanh(U * (r ⊙ s) + B), with u = σ(U' * s + B') and
    r = σ(U'' * s + B''), where * is a convolution with zeros beyond both ends.

    Args:
        s: (batch, m, n), m numbers at each of n places.
        weights: for "update" (U', B'), "reset" (U'', B'') and "candidate" (U, B) a
            kernel (m, m, k) with k odd and a bias (m,).
        gate: what makes gates of numbers, σ in the paper's equation.
        squash: what bounds the candidate, tanh in the paper's equation.

    Returns:
        The next state, (batch, m, n).

    Raises:
        ValueError: if a shape does not fit, or k is even.

    """
    check_shape("state s (batch, m, n)", s, "batch", "m", "n")
    m = s.shape[1]
    for name in GATES:
        kernel, bias = weights[name]
        check_shape(f"kernel of {name} (m, m, k)", kernel, m, m, "k")
        check_shape(f"bias of {name} (m,)", bias, m)
        if kernel.shape[-1] % 2 == 0:
            raise ValueError(f"kernel of {name}: expected k odd, got {kernel.shape[2]}")
    u = gate(F.conv1d(s, *weights["update"], padding="same"))
    r = gate(F.conv1d(s, *weights["reset"], padding="same"))
    return u * s + (1 - u) * squash(
        F.conv1d(r * s, *weights["candidate"], padding="same")
    )
