"""Rollout, LIME, gradients and faithfulness, by hand and against slow references."""

import numpy as np
import pytest
import torch
from lime.lime_text import LimeTextExplainer
from torch import nn

from attention.mechanisms.faithfulness import (
    area_under_curve,
    faithfulness,
    leave_out_each,
    precision_at_k,
)
from attention.mechanisms.lime import (
    TAKEN_OUT,
    draw_kept,
    fit_lime,
    fit_locally,
    lime_weights,
)
from attention.mechanisms.rollout import attention_rollout
from attention.models.gradients import input_gradient, integrated_gradients


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


# --- rollout ---


def test_rollout_of_two_layers_by_hand():
    A = torch.eye(3).repeat(2, 1, 1, 1)  # (layers, heads, n, n)
    A[0, 0, 0] = torch.tensor([0.0, 0.0, 1.0])
    A[1, 0, 1] = torch.tensor([1.0, 0.0, 0.0])
    expected = [[0.5, 0, 0.5], [0.25, 0.5, 0.25], [0, 0, 1]]
    assert torch.allclose(attention_rollout(A), torch.tensor(expected))


def test_rollout_averages_heads_and_takes_each_text_by_itself():
    weights = torch.rand(3, 5, 2, 7, 7, generator=seeded(0)).softmax(-1)
    found = attention_rollout(weights)
    assert found.shape == (5, 7, 7)
    assert torch.allclose(found.sum(-1), torch.ones(5, 7))
    for b in range(5):
        flow = torch.eye(7)
        for layer in weights[:, b].mean(1):
            flow = (0.5 * layer + 0.5 * torch.eye(7)) @ flow
        assert torch.allclose(found[b], flow, atol=1e-6)
        assert torch.allclose(attention_rollout(weights[:, b]), flow, atol=1e-6)


def test_rows_that_do_not_sum_to_one_are_brought_there():
    found = attention_rollout(torch.zeros(2, 3, 5, 5))
    assert torch.equal(found, torch.eye(5))


@pytest.mark.parametrize("shape", [(3, 3), (2, 3, 5, 7), (0, 2, 3, 3)])
def test_rollout_says_what_shape_it_expects(shape):
    with pytest.raises(ValueError, match="expected"):
        attention_rollout(torch.zeros(shape))


# --- LIME ---


def linear(values, start=0.1):
    def predict(texts):
        kept = [[t != TAKEN_OUT for t in text] for text in texts]
        return start + torch.tensor(kept).float() @ torch.tensor(values)

    return predict


def test_of_a_linear_model_lime_finds_the_weights():
    values = [0.3, -0.2, 0.0, 0.5, 0.1]
    found = fit_lime(linear(values), list("abcde"), 101, 0.25, seeded(0))
    assert torch.allclose(found.weights, torch.tensor(values), atol=1e-4)
    assert abs(found.intercept - 0.1) < 1e-4 and found.r2 > 0.9999


def test_the_first_sample_is_the_text_and_every_other_lacks_a_token():
    kept = draw_kept(7, 1401, seeded(0))
    assert kept[0].all() and not kept[1:].all(1).any()
    gone = (~kept[1:]).sum(1).bincount(minlength=8)[1:]
    assert (gone > 140).all() and (gone < 260).all()  # 1 to 7 alike


def test_near_samples_count_more():
    kept = torch.tensor([[1, 1], [1, 0], [0, 1], [0, 0]]).bool()
    y = torch.tensor([1.0, 0, 0, 0])  # both are needed
    narrow, wide = (fit_locally(kept, y, width).weights for width in (0.2, 100.0))
    assert torch.allclose(wide, torch.tensor([0.5, 0.5]), atol=1e-3)
    assert (narrow > 0.9).all()


def test_a_constant_prediction_has_no_weights_and_no_fit():
    found = fit_locally(draw_kept(5, 50, seeded(0)), torch.ones(50), 0.25)
    assert torch.allclose(found.weights, torch.zeros(5), atol=1e-6)
    assert found.r2 == 0


def test_the_same_generator_gives_the_same_weights():
    def both(texts):
        return torch.tensor([float("a" in t and "b" in t) for t in texts])

    one, same, other = (
        lime_weights(both, list("abc"), 30, 0.5, seeded(seed)) for seed in (1, 1, 2)
    )
    assert torch.equal(one, same) and not torch.equal(one, other)


@pytest.mark.parametrize(("tokens", "samples"), [([], 10), (["a"], 1)])
def test_lime_needs_tokens_and_samples(tokens, samples):
    with pytest.raises(ValueError, match="expected"):
        lime_weights(linear([0.5]), tokens, samples, 0.25, seeded(0))


def test_lime_agrees_with_the_package():
    words = "the film was not a good one".split()

    def p(text: list[str]) -> float:
        good, turned = "good" in text, "not" in text
        return 0.5 + 0.4 * good - 0.6 * (good and turned) + 0.05 * ("film" in text)

    def classify(texts: list[str]) -> np.ndarray:
        right = np.array([p(text.split()) for text in texts])
        return np.stack([1 - right, right], 1)

    # the package's kernel is the root of ours, and its distance is in percent
    explainer = LimeTextExplainer(
        kernel_width=100 * 0.35 / 2**0.5,
        bow=False,
        mask_string="UNKNOWN",
        feature_selection="none",
        split_expression=r"\s+",
        random_state=0,
    )
    theirs = explainer.explain_instance(
        " ".join(words), classify, num_features=7, num_samples=6000
    )
    expected = torch.zeros(len(words))
    for place, weight in theirs.as_map()[1]:
        expected[place] = weight
    found = fit_lime(
        lambda texts: torch.tensor([p(text) for text in texts]),
        words, 6000, 0.35, seeded(0), ridge=1.0,
    )  # fmt: skip
    assert torch.allclose(found.weights, expected, atol=0.02)
    assert abs(found.intercept - theirs.intercept[1]) < 0.02


# --- taking words out, and the truth ---


def test_faithfulness_takes_out_exactly_k_the_left_first():
    asked = []

    def predict(texts):
        asked.extend(texts)
        return torch.tensor([0.9, 0.2])

    scores = torch.tensor([1.0, -5.0, 3.0, 1.0])
    fall = faithfulness(scores, predict, list("abcd"), 2)
    assert fall == pytest.approx(0.7)
    assert asked == [list("abcd"), [TAKEN_OUT, "b", TAKEN_OUT, "d"]]


@pytest.mark.parametrize("k", [-1, 4])
def test_no_more_tokens_are_taken_out_than_there_are(k):
    with pytest.raises(ValueError, match="k: expected 0 to 3"):
        faithfulness(torch.ones(3), linear([1.0] * 3), list("abc"), k)


def test_leaving_each_out_gives_a_linear_models_weights():
    found = leave_out_each(linear([0.3, -0.2, 0.5]), list("abc"))
    assert torch.allclose(found, torch.tensor([0.3, -0.2, 0.5]))


def test_precision_and_area_by_hand():
    scores = torch.tensor([0.5, 0.3, 0.1, 0.2])
    truth = torch.tensor([True, False, False, True])
    assert precision_at_k(scores, truth) == 0.5
    assert area_under_curve(scores, truth) == 0.75
    assert area_under_curve(torch.ones(4), truth) == 0.5


# --- gradients ---


class Summed(nn.Module):
    """Logits that are linear in all embeddings, each place with its own weights."""

    def __init__(self, table: torch.Tensor, weight: torch.Tensor, curve: bool) -> None:
        super().__init__()
        self.embed = nn.Embedding.from_pretrained(table)
        self.weight, self.curve = weight, curve

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        logits = self.embed(ids).flatten(1) @ self.weight.T
        return torch.tanh(logits) if self.curve else logits


TABLE = torch.tensor([[1.0, 2.0], [0.5, 1.0], [3.0, -1.0]])
WEIGHT = torch.tensor([[1.0, 0.0, 2.0, 1.0], [0.0, 1.0, -1.0, 0.0]])


def test_gradient_times_input_by_hand():
    model, ids = Summed(TABLE, WEIGHT, curve=False), torch.tensor([2, 0])
    assert input_gradient(model, ids, 0).tolist() == [3, 4]
    assert input_gradient(model, ids, 1).tolist() == [-1, -1]
    assert input_gradient(model, torch.tensor([1, 1]), 0).tolist() == [0.5, 2]


def test_integrated_gradients_add_up_where_the_model_is_saturated():
    model = Summed(TABLE, WEIGHT, curve=True)
    ids, nothing = torch.tensor([2, 0]), torch.tensor([1, 1])
    found = integrated_gradients(model, ids, 0, nothing, steps=500)
    logits = model(torch.stack([ids, nothing]))[:, 0]
    assert found.sum().item() == pytest.approx(float(logits[0] - logits[1]), abs=1e-4)
    assert input_gradient(model, ids, 0).abs().max() < 1e-3  # saturated


def test_a_model_reads_its_own_embedding_again_afterwards():
    model, ids = Summed(TABLE, WEIGHT, curve=False), torch.tensor([2, 0])
    before = model(ids[None])
    input_gradient(model, ids, 0)
    assert torch.equal(model(ids[None]), before)


def test_gradients_are_of_one_text():
    with pytest.raises(ValueError, match="ids"):
        input_gradient(Summed(TABLE, WEIGHT, False), torch.zeros(1, 2).long(), 0)
