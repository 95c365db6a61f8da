"""A Transformer is watched while it writes: shapes, weights and guesses, word by word.

Hooks on the real modules note what comes out of them; nothing here is worked out from
the model's settings.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from attention.data.batches import make_batch
from attention.data.vocabulary import Vocabulary
from attention.models.transformer import Transformer

MODULES = {  # which modules are a part of the machine, of all layers
    "source-embedding": r"embed_source",
    "encoder-attention": r"encoder\.\d+\.self_attn",
    "encoder-network": r"encoder\.\d+\.feed_forward",
    "encoder-norms": r"encoder\.\d+\.residuals",
    "encoder-norm": r"encoder_norm",
    "target-embedding": r"embed_target",
    "decoder-attention": r"decoder\.\d+\.self_attn",
    "cross-attention": r"decoder\.\d+\.cross_attn",
    "decoder-network": r"decoder\.\d+\.feed_forward",
    "decoder-norms": r"decoder\.\d+\.residuals",
    "decoder-norm": r"decoder_norm",
}
GUESSES = 3


@dataclass(frozen=True)
class Written:
    """What goes on in the machine while one word is written."""

    shapes: Mapping[str, str]  # of what comes out of each part: "4×128"
    weights: Mapping[str, str]  # of each attention: "4 heads, 4×9"
    guesses: Sequence[tuple[str, float]]  # the likeliest words, best first


@dataclass(frozen=True)
class Watched:
    """A sentence pair on its way through a model."""

    source: Sequence[str]
    given: Sequence[str]  # <start>, y_1 ... y_{m-1}
    written: Sequence[str]  # y_1 ... y_{m-1}, <end>
    moments: Sequence[Written]  # one for each written word
    looks: Mapping[str, Tensor]  # encoder, decoder, cross: layer 1, mean of its heads
    numbers: Mapping[str, int]  # weights of each part, in all layers
    layers: int
    pre_norm: bool

    @property
    def shares(self) -> dict[str, float]:
        """Which share of all weights each part has."""
        total = sum(self.numbers.values())
        return {key: number / total for key, number in self.numbers.items()}


def watch(
    model: Transformer,
    source: Sequence[str],
    target: Sequence[str],
    words: tuple[Vocabulary, Vocabulary],
) -> Watched:
    """Let a model write a sentence, and note what happens for each word.

    Args:
        model: in evaluation mode; it is run and not changed.
        source: the n tokens to translate.
        target: the tokens that are written, without START and END.
        words: the vocabularies of source and target.

    """
    batch = make_batch([(source, target)], *words)
    with torch.no_grad():
        moments = [
            _watch_word(model, batch.source, batch.given[:, :t], words[1])
            for t in range(1, batch.given.shape[1] + 1)
        ]
        looks = {
            kind: model.weights(kind)[0, 0].mean(0)
            for kind in ("encoder", "decoder", "cross")
        }
    return Watched(
        source,
        ["<start>", *target],
        [*target, "<end>"],
        moments,
        looks,
        {key: count_weights(model, key) for key in MODULES},
        len(model.encoder),
        not isinstance(model.encoder_norm, nn.Identity),
    )


def count_weights(model: nn.Module, part: str) -> int:
    """Count the weights of a part in all layers."""
    return sum(
        weight.numel()
        for module in _find_modules(model, part)
        for weight in module.parameters()
    )


def _find_modules(model: nn.Module, part: str) -> list[nn.Module]:
    pattern = re.compile(MODULES[part])
    return [m for name, m in model.named_modules() if pattern.fullmatch(name)]


def _watch_word(
    model: Transformer, source: Tensor, given: Tensor, words: Vocabulary
) -> Written:
    """Run the model on what is written so far."""
    with note_shapes(model) as shapes:
        logits = model.decode(given, *model.encode(source))
    best = logits[0, -1].softmax(-1).topk(GUESSES)
    looked = {
        f"{kind}-attention": model.weights(kind[:7] if kind != "cross" else kind)[0, 0]
        for kind in ("encoder", "decoder", "cross")
    }
    return Written(
        {**shapes, "output": write_shape(logits)},
        {key: _write_weights(w) for key, w in looked.items()},
        [
            (words.tokens[i], p)
            for i, p in zip(best.indices.tolist(), best.values.tolist(), strict=True)
        ],
    )


@contextmanager
def note_shapes(model: nn.Module) -> Iterator[dict[str, str]]:
    """Note the shape of what comes out of each part, in its first layer."""
    shapes: dict[str, str] = {}

    def noting(part: str):
        def note(module: nn.Module, given: tuple, out: Tensor) -> None:
            shapes[part] = write_shape(out)

        return note

    hooks = [
        _find_modules(model, part)[0].register_forward_hook(noting(part))
        for part in MODULES
    ]
    try:
        yield shapes
    finally:
        for hook in hooks:
            hook.remove()


def write_shape(x: Tensor) -> str:
    """Write the shape of one sentence's vectors, (1, n, d), as n×d."""
    return "×".join(map(str, x.shape[1:]))


def _write_weights(weights: Tensor) -> str:
    """Write the shape of an attention's weights, (h, queries, keys)."""
    h, *table = weights.shape
    return f"{h} heads, {'×'.join(map(str, table))}"
