"""Temperature, top-k and top-p, and writing with and without a cache."""

import math
from collections import Counter

import pytest
import torch

from attention.models.gpt import GPT
from attention.models.sampling import filter_logits, generate

P = torch.tensor([0.1, 0.4, 0.05, 0.3, 0.15])


def kept(**settings):
    return filter_logits(P.log(), **settings).isfinite().tolist()


def test_without_settings_nothing_changes():
    assert torch.equal(filter_logits(P.log()), P.log())
    assert torch.equal(filter_logits(P.log(), 1.0, 99, 1.0), P.log())


def test_the_temperature_is_a_power_of_the_probabilities():
    cold = filter_logits(P.log(), temperature=0.5).softmax(-1)
    assert torch.allclose(cold, P.square() / P.square().sum())


@pytest.mark.parametrize(
    ("k", "expected"),
    [(1, [0, 1, 0, 0, 0]), (3, [0, 1, 0, 1, 1]), (5, [1, 1, 1, 1, 1])],
)
def test_top_k_keeps_the_k_likeliest(k, expected):
    assert kept(top_k=k) == [bool(e) for e in expected]


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        (1e-9, [0, 1, 0, 0, 0]),
        (0.39, [0, 1, 0, 0, 0]),
        (0.41, [0, 1, 0, 1, 0]),
        (0.69, [0, 1, 0, 1, 0]),
        (0.71, [0, 1, 0, 1, 1]),
        (0.96, [1, 1, 1, 1, 1]),
    ],
)
def test_top_p_keeps_the_fewest_that_reach_p(p, expected):
    assert kept(top_p=p) == [bool(e) for e in expected]


def test_top_p_looks_at_what_temperature_and_top_k_leave():
    assert kept(temperature=0.25, top_p=0.7) == [False, True, False, False, False]
    assert kept(top_k=2, top_p=0.57) == [False, True, False, False, False]  # .4 / .7


def test_of_equal_tokens_the_first_is_kept():
    assert filter_logits(torch.zeros(4), top_k=2).isfinite().tolist() == [
        True,
        True,
        False,
        False,
    ]


def test_rows_are_filtered_each_for_itself_and_nothing_changes_in_place():
    logits = torch.randn(2, 3, 7)
    before = logits.clone()
    found = filter_logits(logits, 0.7, 4, 0.8)
    assert torch.equal(logits, before)
    rows = [filter_logits(row, 0.7, 4, 0.8) for row in logits.flatten(0, 1)]
    assert torch.equal(found, torch.stack(rows).view(2, 3, 7))


@pytest.mark.parametrize(
    "wrong",
    [{"temperature": 0}, {"temperature": -1}, {"top_k": 0}, {"top_p": 0}, {"top_p": 2}],
)
def test_settings_out_of_range_are_an_error(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        filter_logits(P.log(), **wrong)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def model():
    torch.manual_seed(0)
    return GPT(13, d_model=12, h=3, layers=2).double().eval()


@pytest.mark.parametrize("settings", [{}, {"temperature": 0.5, "top_k": 3}])
def test_a_cache_changes_nothing_that_is_written(settings):
    ids = torch.tensor([[1, 2, 3], [4, 5, 6]])
    for seed in range(5):
        one, two = (
            generate(model(), ids, 17, seeded(seed), cache, **settings)
            for cache in (True, False)
        )
        assert torch.equal(one, two)
        assert one.shape == (2, 20)
        assert torch.equal(one[:, :3], ids)


def test_with_a_cache_each_token_is_read_once():
    read = []

    def stub(ids, cache=None):
        read.append(ids.shape[1])
        return torch.zeros(*ids.shape, 5)

    generate(stub, torch.tensor([[1, 2, 3]]), 4, seeded(), cache=True)
    generate(stub, torch.tensor([[1, 2, 3]]), 4, seeded(), cache=False)
    assert read == [3, 1, 1, 1, 3, 4, 5, 6]


def test_tokens_come_as_often_as_the_model_says():
    def stub(ids, cache=None):
        return P.log().expand(*ids.shape, 5)

    drawn = generate(stub, torch.zeros(200, 1, dtype=torch.long), 50, seeded())[:, 1:]
    counts = Counter(drawn.flatten().tolist())
    for token, p in enumerate(P.tolist()):  # five standard errors
        assert abs(counts[token] / 10_000 - p) < 5 * math.sqrt(p * (1 - p) / 10_000)


def test_top_1_is_greedy():
    ids = torch.tensor([[1, 2, 3]])
    written = generate(model(), ids, 5, None, top_k=1)
    for t in range(3, 8):
        assert written[0, t] == model()(written[:, :t])[0, -1].argmax()


def test_nothing_to_write_or_to_read():
    ids = torch.tensor([[1, 2, 3]])
    assert torch.equal(generate(model(), ids, 0, None), ids)
    with pytest.raises(ValueError, match="at least 1"):
        generate(model(), ids[:, :0], 1, None)
    with pytest.raises(ValueError, match="at least 0"):
        generate(model(), ids, -1, None)
