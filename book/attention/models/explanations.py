"""All explanations of a planted text, and how well they find its rule."""

from statistics import fmean

import torch
from torch import Generator, Tensor

from attention.data.planted import Planted, number_words, read_words
from attention.mechanisms.faithfulness import (
    area_under_curve,
    leave_out_each,
    precision_at_k,
)
from attention.mechanisms.lime import Predict, lime_weights
from attention.mechanisms.rollout import attention_rollout
from attention.models.gradients import input_gradient, integrated_gradients
from attention.models.planted import PoolingReader, Reader

SAMPLES, KERNEL_WIDTH = 300, 0.25  # of LIME


def predictor(model: Reader, target: int) -> Predict:
    """Return a function from texts, lists of words, to p(target), (texts,)."""

    @torch.no_grad()
    def predict(texts: list[list[str]]) -> Tensor:
        return model(number_words(texts)).softmax(-1)[:, target]

    return predict


def attention_scores(model: Reader, ids: Tensor) -> dict[str, Tensor]:
    """Return what attention says of one text (n,), a score for each word.

    Of a Transformer, [CLS] asks; its own place is left out.
    """
    with torch.no_grad():
        model(ids[None])
    if isinstance(model, PoolingReader):
        assert model.attn is not None  # it was filled just now
        return {"attention": model.attn[0]}
    weights = model.attention()[:, 0]  # (layers, h, n + 1, n + 1)
    rows = {
        "attention, last layer": weights[-1].mean(0),
        "attention, averaged": weights.mean((0, 1)),
        "rollout": attention_rollout(weights),
    }
    return {name: table[0, 1:] for name, table in rows.items()}


def explain(model: Reader, ids: Tensor, generator: Generator) -> dict[str, Tensor]:
    """Return how much each word of a text (n,) counts by each method, signs left out.

    What is explained is the model's own answer.
    """
    with torch.no_grad():
        answer = int(model(ids[None])[0].argmax())
    predict, words = predictor(model, answer), read_words(ids)
    nothing = torch.zeros_like(ids)  # a text of [MASK]
    path = integrated_gradients(model, ids, answer, nothing)
    lime = lime_weights(predict, words, SAMPLES, KERNEL_WIDTH, generator)
    return {
        **attention_scores(model, ids),
        "gradient × input": input_gradient(model, ids, answer).abs(),
        "integrated gradients": path.abs(),
        "leave one out": leave_out_each(predict, words).abs(),
        "LIME": lime.abs(),
    }


def score_explanations(
    model: Reader, texts: Planted, generator: Generator
) -> dict[str, tuple[float, float]]:
    """Return for each method its mean precision at k and its mean AUC."""
    found: dict[str, list[tuple[float, float]]] = {}
    for ids, truth in zip(texts.ids, texts.truth, strict=True):
        for name, scores in explain(model, ids, generator).items():
            both = precision_at_k(scores, truth), area_under_curve(scores, truth)
            found.setdefault(name, []).append(both)
    return {
        name: (fmean(p for p, _ in pairs), fmean(a for _, a in pairs))
        for name, pairs in found.items()
    }
