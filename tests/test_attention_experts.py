"""Mixtures of experts: gates, who is asked, and one body for two modalities."""

import math

import pytest
import torch

from attention.data.reviews import Review
from attention.data.vocabulary import UNKNOWN, Vocabulary
from attention.mechanisms.experts import Experts, top_k_gate, uneven_use
from attention.models.multi_model import MultiModel, cut_patches
from attention.training.two_modalities import (
    REVIEW_LENGTH,
    ROWS_EACH,
    draw_step,
    encode_reviews,
    judge_modality,
    load_modalities,
    train_multi_model,
)


def drawn(seed=1):
    return torch.Generator().manual_seed(seed)


def test_gates_worked_by_hand():
    gates = top_k_gate(torch.tensor([0.0, math.log(3), -1.0, math.log(1)]), 2)
    assert gates[1] == pytest.approx(0.75) and gates[2] == 0
    assert gates.sum() == pytest.approx(1) and (gates > 0).sum() == 2


@pytest.mark.parametrize("k", [1, 2, 5])
def test_k_gates_are_open_in_every_row_and_sum_to_one(k):
    logits = torch.randn(3, 7, 5, generator=drawn())
    gates = top_k_gate(logits, k)
    assert gates.shape == logits.shape
    assert ((gates > 0).sum(-1) == k).all()
    torch.testing.assert_close(gates.sum(-1), torch.ones(3, 7))


def test_all_experts_are_a_plain_softmax():
    logits = torch.randn(7, 5, generator=drawn())
    torch.testing.assert_close(top_k_gate(logits, 5), logits.softmax(-1))


def test_of_equal_logits_just_k_are_kept():
    assert (top_k_gate(torch.zeros(3, 5), 2) > 0).sum(-1).tolist() == [2, 2, 2]


def test_the_logits_are_not_changed():
    logits = torch.randn(7, 5, generator=drawn())
    before = logits.clone()
    top_k_gate(logits, 2)
    assert torch.equal(logits, before)


@pytest.mark.parametrize("k", [0, 6])
def test_k_lies_between_one_and_all(k):
    with pytest.raises(ValueError, match=f"expected 1 to 5 experts, got {k}"):
        top_k_gate(torch.zeros(3, 5), k)


def test_even_use_costs_nothing_and_one_for_all_the_most():
    even = torch.full((7, 5), 0.2)
    one = torch.zeros(7, 5)
    one[:, 3] = 1
    assert uneven_use(even).item() == pytest.approx(0, abs=1e-6)
    assert uneven_use(one).item() == pytest.approx(4)


def test_the_mixture_is_the_sum_of_what_the_asked_experts_say():
    torch.manual_seed(3)
    layer = Experts(5, 7, experts=3, k=2).eval()
    torch.nn.init.normal_(layer.gate.weight)
    x = torch.randn(11, 5)
    said = torch.stack([expert(x) for expert in layer.experts], 1)  # (11, 3, 5)
    expected = (top_k_gate(layer.gate(x), 2)[..., None] * said).sum(1)
    torch.testing.assert_close(layer(x), expected)


def test_an_expert_learns_from_those_rows_alone_that_ask_it():
    torch.manual_seed(3)
    layer = Experts(5, 7, experts=3, k=1).eval()
    layer.gate.weight.data[:] = 0
    layer.gate.weight.data[2] = 1.0
    layer(torch.ones(11, 5)).sum().backward()
    asked = [expert[0].weight.grad is not None for expert in layer.experts]
    assert asked == [False, False, True]


def test_noise_is_for_training_alone():
    torch.manual_seed(3)
    layer, x = Experts(5, 7, experts=4, k=2), torch.randn(11, 5)
    layer(x)
    assert len(set(map(tuple, (layer.gates > 0).tolist()))) > 1
    layer.eval()
    assert torch.equal(layer(x), layer(x))


def test_patches_are_cut_row_by_row():
    image = torch.arange(64).view(1, 8, 8)
    patches = cut_patches(image)
    assert patches.shape == (1, 16, 4)
    assert patches[0, 0].tolist() == [0, 1, 8, 9]
    assert patches[0, 5].tolist() == [18, 19, 26, 27]


def small_model():
    torch.manual_seed(2)
    return MultiModel(13, d=6, h=3, d_ff=5).eval()


def test_padding_behind_a_text_changes_nothing():
    model, ids = small_model(), torch.tensor([[4, 7, 5], [6, 5, 12]])
    longer = torch.nn.functional.pad(ids, (0, 4))
    torch.testing.assert_close(model("text", longer), model("text", ids))


def test_both_modalities_go_through_one_body():
    model = small_model()
    assert model("text", torch.ones(5, 7).long()).shape == (5, 2)
    assert [g.shape for g in model.gates()] == [(35, 4)] * 2
    assert model("image", torch.zeros(5, 16, 4)).shape == (5, 10)
    assert [g.shape for g in model.gates()] == [(80, 4)] * 2


def test_a_review_is_cut_or_padded_to_24_words():
    words = Vocabulary(["good", "film"])
    reviews = [Review(["good", "odd"], True), Review(["film"] * 30, False)]
    ids, kind = encode_reviews(reviews, words)
    assert ids.shape == (2, REVIEW_LENGTH) and kind.tolist() == [1, 0]
    assert ids[0, :3].tolist() == [words.index["good"], UNKNOWN, 0]
    assert (ids[1] == words.index["film"]).all()


@pytest.fixture(scope="module")
def data():
    return load_modalities(digits=50, reviews=100, seed=1)


def test_no_digit_is_learnt_and_tested(data):
    learnt, tested = (
        {tuple(x.flatten().tolist()) for x in part["image"][0]}
        for part in (data.train, data.test)
    )
    assert len(learnt) == 50 and len(tested) == 600 and not learnt & tested


def test_a_step_holds_a_batch_of_each_modality(data):
    step = next(draw_step(data, ("image", "text"), drawn()))
    assert step["image"][0].shape == (ROWS_EACH, 16, 4)
    assert step["text"][0].shape == (ROWS_EACH, REVIEW_LENGTH)


@pytest.mark.parametrize("apart", [True, False])
def test_training_lowers_the_loss_of_both(data, apart):
    torch.manual_seed(0)
    model = MultiModel(data.words, d=24, d_ff=8)
    history = train_multi_model(model, data, steps=60, rate=2e-2, apart=apart)
    assert min(history.losses[-10:]) < history.losses[0] - 0.5
    right, use = judge_modality(model, data, "image")
    assert 0.15 < right <= 1 and use.shape == (2, 4)
    torch.testing.assert_close(use.sum(-1), torch.ones(2))
