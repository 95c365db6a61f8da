"""Heads switched off, one at a time: Michel, Levy and Neubig (2019), section 3.2."""

from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor, nn
from torch.nn import functional as F

NOT_ASKED = -100  # a label at which nobody asks


def head_importance(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
    """Return by how much the loss rises when a head is switched off.

    Args:
        model: turns ids into logits. Its attentions are modules with `h` heads and an
            output matrix `W_o`; none has fewer heads than another.
        batch: ids and labels; -100 where no answer is asked. The loss is their
            cross-entropy. Logits have one axis more than labels, the last.

    Returns:
        (layers, heads); below 0 if the loss falls.

    Raises:
        ValueError: if the model has no attention.

    """
    sizes = [heads_of(attention) for attention in attentions_of(model)]
    rise = torch.zeros(len(sizes), max(sizes))
    whole = answer_loss(model, batch)
    for layer, h in enumerate(sizes):
        for head in range(h):
            with heads_off(model, [(layer, head)]):
                rise[layer, head] = answer_loss(model, batch) - whole
    return rise


@torch.no_grad()
def answer_loss(model: nn.Module, batch: tuple[Tensor, Tensor]) -> float:
    """Return the mean cross-entropy of a model's logits, where labels ask for one."""
    ids, labels = batch
    logits = model(ids).flatten(0, -2)
    return F.cross_entropy(logits, labels.flatten(), ignore_index=NOT_ASKED).item()


@contextmanager
def heads_off(model: nn.Module, heads: Collection[tuple[int, int]]) -> Iterator[None]:
    """Let heads, each a layer and a number, add nothing: W_o gets zeros from them.

    Raises:
        ValueError: if there is no such head, or the model has no attention.

    """
    attentions = attentions_of(model)
    with ExitStack() as hooks:
        for layer, head in heads:
            known = 0 <= layer < len(attentions)
            if not (known and 0 <= head < heads_of(attentions[layer])):
                raise ValueError(f"there is no head {head} in layer {layer}")
            mix = attentions[layer].get_submodule("W_o")
            silence = Silence(head, heads_of(attentions[layer]))
            hook = mix.register_forward_pre_hook(silence)
            hooks.callback(hook.remove)
        yield


class Silence:
    """A hook that sets what one of h heads hands to W_o to zero."""

    def __init__(self, head: int, h: int) -> None:
        """Keep which head it is."""
        self.head, self.h = head, h

    def __call__(self, module: nn.Module, args: tuple[Tensor, ...]) -> tuple[Tensor]:
        """Return what W_o is to read in place of its input, (batch, n, h * d_v)."""
        heads = args[0].unflatten(-1, (self.h, -1)).clone()  # (batch, n, h, d_v)
        heads[..., self.head, :] = 0
        return (heads.flatten(-2),)


def heads_of(attention: nn.Module) -> int:
    """Return how many heads an attention has."""
    return int(vars(attention)["h"])


def attentions_of(model: nn.Module) -> list[nn.Module]:
    """Return the modules of a model that attend with heads, from the first layer on.

    Raises:
        ValueError: if there is none.

    """
    found = [m for m in model.modules() if hasattr(m, "W_o") and hasattr(m, "h")]
    if not found:
        raise ValueError("the model has no attention with heads and an output matrix")
    return found
