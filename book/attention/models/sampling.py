"""Writing with a causal language model: one token is drawn, and read as the next."""

import math
from typing import Any, Protocol

import torch
from torch import Tensor

from attention.mechanisms.kv_cache import KVCache


class LanguageModel(Protocol):
    """What `generate` asks of a model."""

    def __call__(self, ids: Tensor, cache: KVCache | None = None) -> Tensor:
        """Return logits (batch, new, n_tokens) for ids (batch, new).

        With a cache the ids follow those that it has read, and are added to it.
        """


def filter_logits(
    logits: Tensor,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
) -> Tensor:
    """Divide by the temperature, then keep the likeliest tokens alone.

    Args:
        logits: (..., n_tokens).
        temperature: above 0; below 1 favours the likely, above 1 the unlikely.
        top_k: how many tokens to keep; None, or more than there are, keeps all.
        top_p: of those, keep the fewest likeliest whose probabilities, renormalised,
            sum to at least this, 0 < top_p <= 1; None or 1 keeps all.

    Returns:
        Logits (..., n_tokens), -inf where a token was dropped. At least one is kept;
        of equal ones the first.

    Raises:
        ValueError: if a setting is out of its range.

    """
    check_settings(temperature, top_k, top_p)
    scaled = logits / temperature
    ordered, order = scaled.sort(dim=-1, descending=True, stable=True)
    if top_k is not None:
        rank = torch.arange(logits.shape[-1], device=logits.device)
        ordered = ordered.masked_fill(rank >= top_k, -math.inf)
    if top_p is not None and top_p < 1:
        p = ordered.softmax(-1)
        likelier = p.cumsum(-1) - p  # what stands before each token
        likelier[..., 0] = 0
        ordered = ordered.masked_fill(likelier >= top_p, -math.inf)
    return torch.empty_like(scaled).scatter(-1, order, ordered)


def check_settings(temperature: float, top_k: int | None, top_p: float | None) -> None:
    """Raise ValueError if a setting is out of its range."""
    if not temperature > 0:
        raise ValueError(f"temperature must be above 0, got {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be at least 1, got {top_k}")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError(f"top_p must be above 0 and at most 1, got {top_p}")


@torch.no_grad()
def generate(
    model: LanguageModel,
    ids: Tensor,
    n: int,
    generator: torch.Generator | None,
    cache: bool = True,
    **settings: Any,
) -> Tensor:
    """Write n tokens behind those given.

    Args:
        model: `model(ids, cache)`, as `LanguageModel` says.
        ids: (batch, m), at least one token a row.
        n: how many tokens to draw for each row.
        generator: the source of chance.
        cache: read each token once; False reads all anew at each step. Both write
            the same.
        **settings: temperature, top_k and top_p, as `filter_logits` has them.

    Returns:
        Tokens (batch, m + n), the given ones first.

    Raises:
        ValueError: if there is nothing to read, or n is negative.

    """
    if ids.dim() != 2 or ids.shape[1] < 1:
        raise ValueError(f"ids: expected (batch, at least 1), got {tuple(ids.shape)}")
    if n < 0:
        raise ValueError(f"n must be at least 0, got {n}")
    kept = KVCache() if cache else None
    unread = ids
    for _ in range(n):
        logits = filter_logits(model(unread, kept)[:, -1], **settings)
        token = torch.multinomial(logits.softmax(-1), 1, generator=generator)
        ids = torch.cat([ids, token], dim=1)
        unread = token if cache else ids
    return ids
