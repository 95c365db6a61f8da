"""What each method says of each word of a text, for models that follow one rule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from attention.figures.live_figure import (
    Interactive,
    compose,
    figure_id,
    list_choices,
    safe,
)
from attention.shapes import check_shape

EVIDENCE_FILES = ("evidence.css", "evidence.js")


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One text, which words its rule looks at, and what was found."""

    words: Sequence[str]
    truth: Tensor  # booleans, (words,)
    scores: Mapping[str, Mapping[str, Tensor]]  # by model, then method: (words,), >= 0

    def find(self, model: str, method: str) -> tuple[int, int] | None:
        """Return how many of the true words are among the highest, and of how many."""
        scores = self.scores[model].get(method)
        if scores is None:
            return None
        k = int(self.truth.sum())
        return int(self.truth[scores.topk(k).indices].sum()), k


def evidence_figure(
    texts: Sequence[Evidence],
    methods: Sequence[str],
    *,
    title: str,
    alt: str,
    start: str,
) -> Interactive:
    """Let readers choose a text and a method, and hold it against the truth.

    Args:
        texts: of the same models; a method that a model lacks is said to be missing.
        methods: in the order in which they are offered.
        title: the finding.
        alt: what the figure shows.
        start: the method to begin with.

    Raises:
        ValueError: if there is not a score for each word, or alt is empty.

    """
    for text in texts:
        for found in text.scores.values():
            for scores in (text.truth, *found.values()):
                check_shape("scores", scores, len(text.words))
    models, data = list(texts[0].scores), _pack_evidence(texts, methods)
    name, first = figure_id(data, title, alt, start), methods.index(start)
    names = [f"{i + 1}: {_shorten(text)}" for i, text in enumerate(texts)]
    body = (
        f'<div class="choose" hidden>{list_choices("text", names, "text")}'
        f"{_choose_method(name, methods, first)}</div>"
        + "".join(_draw_model(texts[0], model, start) for model in models)
        + '<p class="key" aria-hidden="true"><span><i class="box"></i> ● a word that '
        "the rule looks at</span><span><i class=bar></i> how much it counts, the "
        "largest being full</span></p>"
    )
    said = say_evidence(1, texts[0], models, start)
    return compose(name, body, said, EVIDENCE_FILES, data, title=title, alt=alt)


def _pack_evidence(texts: Sequence[Evidence], methods: Sequence[str]) -> dict[str, Any]:
    """Return what the script shows for each text, model and method."""
    models = list(texts[0].scores)
    return {
        "models": models,
        "methods": list(methods),
        "words": [list(text.words) for text in texts],
        "truth": [text.truth.int().tolist() for text in texts],
        "heights": [
            [[_heights(text, model, m) for m in methods] for model in models]
            for text in texts
        ],
        "found": [
            [[text.find(model, m) for m in methods] for model in models]
            for text in texts
        ],
        "scores": [
            [[_write_score(text, model, m) for m in methods] for model in models]
            for text in texts
        ],
    }


def say_evidence(
    number: int, text: Evidence, models: Sequence[str], method: str
) -> str:
    """Say how many true words each model's explanation finds, as the script does."""
    parts = []
    for model in models:
        found = text.find(model, method)
        parts.append(f"{model} has none" if found is None else _say_found(model, found))
    told = "; ".join(parts)
    return f"Text {number}, by {method}, true words among the highest: {told}."


def _say_found(model: str, found: tuple[int, int]) -> str:
    return f"{model} {found[0]} of {found[1]}"


def _shorten(text: Evidence) -> str:
    """Name a text by the words that its rule looks at, in their order."""
    true = [w for w, t in zip(text.words, text.truth.tolist(), strict=True) if t]
    return " … ".join(true)


def _heights(text: Evidence, model: str, method: str) -> list[int]:
    """Return how high each bar stands, in percent of the highest, or nothing."""
    scores = text.scores[model].get(method)
    if scores is None:
        return []
    largest = scores.max().clamp(min=1e-9)
    return (100 * scores / largest).round().int().tolist()


def _write_score(text: Evidence, model: str, method: str) -> str:
    """Write how many true words are found, and what a full bar stands for."""
    found = text.find(model, method)
    if found is None:
        return "it has none"
    largest = float(text.scores[model][method].max())
    return f"{found[0]} of {found[1]} found; largest {largest:.2f}"


def _choose_method(name: str, methods: Sequence[str], first: int) -> str:
    """Return a radio button for each method."""
    buttons = "".join(
        f'<label><input type="radio" name="{name}m" value="{i}"'
        f"{' checked' if i == first else ''}><span>{safe(method)}</span></label>"
        for i, method in enumerate(methods)
    )
    return f"<fieldset><legend>method</legend>{buttons}</fieldset>"


def _draw_model(text: Evidence, model: str, method: str) -> str:
    """Return a model's row: a bar above each word, and how many it finds."""
    heights = _heights(text, model, method) or [0] * len(text.words)
    truth = torch.as_tensor(text.truth).tolist()
    chips = "".join(
        f'<span class="{"true" if true else "other"}"><i><b style="height:{height}%">'
        f"</b></i>{safe(word)}</span>"
        for word, true, height in zip(text.words, truth, heights, strict=True)
    )
    score = _write_score(text, model, method)
    return (
        f'<section aria-hidden="true"><p><b>{safe(model)}</b> '
        f'<span class="score">{score}</span></p><div class="words">{chips}</div>'
        "</section>"
    )
