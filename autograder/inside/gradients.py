"""Backward passes that cross from one side of the split to the other."""

from __future__ import annotations

from typing import Any

import torch

from autograder.inside.wire import need


class Token:
    """Keeps a graph on the other side alive as long as this lives."""

    def __init__(self, peer: Any, graph: int) -> None:
        self.peer, self.graph = peer, graph

    def __del__(self) -> None:
        """Let the other side drop the graph."""
        self.peer.dropped_graphs.append(self.graph)


class Remote(torch.autograd.Function):
    """A tensor from the other side, whose gradient is asked for there."""

    @staticmethod
    def forward(ctx: Any, token: Any, index: int, raw: Any, *inputs: Any) -> Any:
        """Return the tensor that came."""
        ctx.token, ctx.index, ctx.like = token, index, inputs
        return raw

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Any) -> Any:
        """Return the gradients of what was sent, as the other side says."""
        peer = ctx.token.peer
        grads = peer.ask("backward", (ctx.token.graph, ctx.index, grad.contiguous()))
        need(isinstance(grads, list) and len(grads) == len(ctx.like), "bad gradients")
        for given, sent in zip(grads, ctx.like, strict=True):
            if given is not None:
                need(isinstance(given, torch.Tensor), "a gradient is a tensor")
                need(given.shape == sent.shape, "a gradient has another shape")
        return None, None, None, *grads
