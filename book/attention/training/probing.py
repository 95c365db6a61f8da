"""Probes: how well a line through vectors tells two classes apart."""

import torch
from torch import Tensor
from torch.nn import functional as F


def fit_line(x: Tensor, y: Tensor, decay: float = 0.1) -> tuple[Tensor, Tensor]:
    """Fit a logistic regression to vectors x (n, d) and classes y (n,), 0 or 1.

    The decay, half of it times |w|², holds the weights small. Returns w (d,), and b.
    """
    w, b = (
        torch.zeros(x.shape[1], requires_grad=True),
        torch.zeros(1, requires_grad=True),
    )
    optimizer = torch.optim.LBFGS([w, b], max_iter=40)

    def closure() -> Tensor:
        optimizer.zero_grad()
        error = F.binary_cross_entropy_with_logits(x @ w + b, y.float())
        loss = error + decay / 2 * w.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return w.detach(), b.detach()


def probe_accuracy(
    x: Tensor, y: Tensor, x_test: Tensor, y_test: Tensor, decay: float = 0.1
) -> float:
    """Return how many held-out vectors a line through the training ones gets right.

    Args:
        x: (n, d), standardised first, with the mean and spread of these alone.
        y: (n,), 0 or 1.
        x_test: (m, d).
        y_test: (m,).
        decay: holds the weights of the line small.

    """
    mean, spread = x.mean(0), x.std(0) + 1e-6
    w, b = fit_line((x - mean) / spread, y, decay)
    said = ((x_test - mean) / spread) @ w + b > 0
    return (said == y_test.bool()).float().mean().item()


def leave_one_out(x: Tensor, y: Tensor) -> float:
    """Return how many vectors lie nearer to the mean of their own class; a tie is half.

    Args:
        x: (n, d); each is judged by the means of the others.
        y: (n,), 0 or 1.

    """
    right = 0.0
    for k in range(len(x)):
        rest = torch.arange(len(x)) != k
        own, other = (x[rest & (y == c)].mean(0) for c in (y[k], 1 - y[k]))
        near, far = ((x[k] - mean).norm().item() for mean in (own, other))
        tied = abs(near - far) < 1e-4 * x.norm(dim=-1).max().item()
        right += 0.5 if tied else float(near < far)
    return right
