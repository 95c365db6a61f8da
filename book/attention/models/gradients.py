"""Explanations by the gradient: times the input, and integrated along a path."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from attention.shapes import check_shape


def input_gradient(model: nn.Module, ids: Tensor, target: int) -> Tensor:
    """Multiply each token's embedding by the gradient of the target's logit.

    Args:
        model: turns ids (1, n) into logits (1, classes); its `embed` gives vectors.
        ids: integers, (n,).
        target: the class whose logit is explained.

    Returns:
        Products summed over the embedding's width, (n,); signed.

    Raises:
        ValueError: if ids are not those of one text.

    """
    check_shape("ids", ids, "n")
    x = embed_of(model)(ids).detach()[None]  # (1, n, d)
    return (gradient_at(model, ids, target, x) * x).sum(-1)[0]


def integrated_gradients(
    model: nn.Module, ids: Tensor, target: int, baseline: Tensor, steps: int = 24
) -> Tensor:
    """Average the gradient on the straight way from a baseline: Sundararajan 2017.

    Args:
        model: as for `input_gradient`.
        ids: integers, (n,).
        target: the class whose logit is explained.
        baseline: ids, (n,), of a text that says nothing.
        steps: points on the way, at the middles of equal parts.

    Returns:
        (n,); their sum is about the target's logit less that of the baseline.

    Raises:
        ValueError: if the shapes do not fit.

    """
    check_shape("baseline", baseline, *ids.shape)
    embed = embed_of(model)
    end, start = embed(ids).detach(), embed(baseline).detach()  # (n, d)
    shares = (torch.arange(steps) + 0.5) / steps
    points = start + shares[:, None, None] * (end - start)  # (steps, n, d)
    slope = gradient_at(model, ids, target, points).mean(0)
    return (slope * (end - start)).sum(-1)


def gradient_at(model: nn.Module, ids: Tensor, target: int, points: Tensor) -> Tensor:
    """Return the gradient of the target's logit at embeddings (points, n, d)."""
    points = points.detach().requires_grad_()
    with embedded_as(model, points):
        logits = model(ids.expand(len(points), -1))
    (gradient,) = torch.autograd.grad(logits[:, target].sum(), points)
    return gradient


@contextmanager
def embedded_as(model: nn.Module, vectors: Tensor) -> Iterator[None]:
    """Let a model read these vectors, whatever ids it is given."""
    hook = embed_of(model).register_forward_hook(lambda *_: vectors)
    try:
        yield
    finally:
        hook.remove()


def embed_of(model: nn.Module) -> nn.Module:
    """Return the module that turns a model's ids into vectors."""
    return model.get_submodule("embed")
