"""Texts with a planted rule, the readers that learn them, and explanations' scores."""

import json

import pytest
import torch

from attention.data.files import book_file
from attention.data.planted import (
    FIRST,
    HIDDEN,
    KIND,
    LENGTH,
    NOT,
    NUMBER,
    SECOND,
    UNKIND,
    Planted,
    number_words,
    plant_negation,
    plant_order,
    plant_word,
    read_words,
)
from attention.models.explanations import explain, predictor, score_explanations
from attention.models.planted import PoolingReader, TransformerReader
from attention.training.planted_rules import judge_rule, learn_rule


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def texts_of(planted: Planted) -> list[tuple[list[str], int, list[bool]]]:
    return [
        (read_words(ids), int(label), truth.tolist())
        for ids, label, truth in zip(*planted, strict=True)
    ]


def test_the_label_of_order_is_which_word_comes_first():
    for words, label, truth in texts_of(plant_order(200, seeded(0))):
        places = words.index(FIRST), words.index(SECOND)
        assert label == (places[0] < places[1])
        assert [i for i, t in enumerate(truth) if t] == sorted(places)
        assert words.count(FIRST) == words.count(SECOND) == 1


def test_one_word_of_feeling_says_the_label():
    for words, label, truth in texts_of(plant_word(200, seeded(0))):
        (at,) = [i for i, word in enumerate(words) if word in (*KIND, *UNKIND)]
        assert label == (words[at] in KIND)
        assert [i for i, t in enumerate(truth) if t] == [at]


def test_only_a_not_just_before_the_word_turns_it_round():
    negated = decoys = 0
    for words, label, truth in texts_of(plant_negation(400, seeded(0))):
        (at,) = [i for i, word in enumerate(words) if word in (*KIND, *UNKIND)]
        turned = at > 0 and words[at - 1] == NOT
        assert label == ((words[at] in KIND) != turned)
        expected = [at - 1, at] if turned else [at]
        assert [i for i, t in enumerate(truth) if t] == expected
        negated += turned
        decoys += words.count(NOT) - turned
    assert 150 < negated < 250 and 150 < decoys < 250


@pytest.mark.parametrize("rule", [plant_order, plant_word, plant_negation])
def test_some_words_are_hidden_and_the_same_seed_gives_the_same_texts(rule):
    one, other = rule(300, seeded(3)), rule(300, seeded(3))
    assert torch.equal(one.ids, other.ids)
    assert one.ids.shape == one.truth.shape == (300, LENGTH)
    share = (one.ids == NUMBER[HIDDEN]).float().mean()
    assert 0.08 < share < 0.18


def test_words_and_numbers_belong_together():
    ids = plant_order(5, seeded(1)).ids
    assert torch.equal(number_words([read_words(row) for row in ids]), ids)


@pytest.mark.parametrize("recurrent", [False, True])
def test_other_weights_can_take_the_place_of_the_attentions_own(recurrent):
    torch.manual_seed(0)
    model, ids = PoolingReader(recurrent), plant_order(3, seeded(0)).ids
    logits = model(ids)
    own = model.attn
    assert logits.shape == (3, 2) and own.shape == (3, LENGTH)
    assert torch.allclose(own.sum(1), torch.ones(3))
    assert torch.allclose(model(ids, own), logits, atol=1e-6)
    assert not torch.allclose(model(ids, torch.eye(LENGTH)[:3]), logits, atol=1e-3)


def test_a_transformer_keeps_the_weights_of_all_layers():
    torch.manual_seed(0)
    model = TransformerReader(layers=3)
    assert model(plant_order(5, seeded(0)).ids).shape == (5, 2)
    assert model.attention().shape == (3, 5, 2, LENGTH + 1, LENGTH + 1)


@pytest.mark.slow
def test_a_reader_learns_the_rule_and_explanations_find_it():
    torch.manual_seed(0)
    model = PoolingReader(recurrent=False)
    learn_rule(model, plant_word, seed=0, steps=120)
    texts = plant_word(200, seeded(9))
    assert judge_rule(model, texts) > 0.99
    few = Planted(*(part[:6] for part in texts))
    found = score_explanations(model, few, seeded(1))
    assert set(found) >= {"attention", "LIME", "leave one out", "gradient × input"}
    assert all(precision > 0.8 for precision, _ in found.values())


def test_an_explanation_has_a_score_for_each_word_and_no_sign():
    torch.manual_seed(0)
    ids = plant_order(1, seeded(0)).ids[0]
    for model in (PoolingReader(True), TransformerReader()):
        for scores in explain(model, ids, seeded(1)).values():
            assert scores.shape == (LENGTH,) and (scores >= 0).all()


def test_a_predictor_reads_words():
    torch.manual_seed(0)
    model, ids = PoolingReader(True), plant_order(2, seeded(0)).ids
    p = predictor(model, 1)([read_words(row) for row in ids])
    assert torch.allclose(p, model(ids).softmax(-1)[:, 1])


def test_ten_seeds_of_each_case_are_stored_and_all_of_them_learned():
    with book_file("data/explanations.json").open(encoding="utf-8") as file:
        stored = json.load(file)
    for runs in stored.values():
        assert [run["seed"] for run in runs] == [*range(9), 13]
        assert all(run["right"] > 0.99 for run in runs)
        scores = [both for run in runs for both in run["scores"].values()]
        assert all(0 <= x <= 1 for both in scores for x in both)
