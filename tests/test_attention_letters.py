"""The letter model: each kind of positions, causal, with a window."""

import pytest
import torch

from attention.models.letters import (
    KINDS,
    Writer,
    load_letters,
    place_scores,
    random_pieces,
)


def sample(n=11):
    return torch.randint(5, (3, n), generator=torch.Generator().manual_seed(0))


def writer(kind, longest=19):
    torch.manual_seed(1)
    return Writer(kind, 5, longest, d_model=16, h=2)


@pytest.mark.parametrize("kind", KINDS)
def test_the_past_does_not_see_the_future(kind):
    model, text = writer(kind), sample()
    changed = torch.cat([text[:, :7], (text[:, 7:] + 1) % 5], dim=1)
    assert model(text).shape == (3, 11, 5)
    assert torch.allclose(model(text)[:, :7], model(changed)[:, :7], atol=1e-5)
    assert not torch.allclose(model(text)[:, 7:], model(changed)[:, 7:], atol=1e-2)


def test_a_window_hides_what_lies_before_it():
    model, text = writer("RoPE"), sample()
    changed = torch.cat([(text[:, :1] + 1) % 5, text[:, 1:]], dim=1)
    same = [
        torch.isclose(*pair, atol=1e-5).all(-1).all(0)
        for pair in zip(model(text, 3)[None], model(changed, 3)[None], strict=True)
    ]
    # two layers with a window of 3 look back 2 · 2 letters
    assert same[0].tolist() == [False] * 5 + [True] * 6


@pytest.mark.parametrize("kind", ["none", "RoPE", "ALiBi"])
def test_scores_do_not_depend_on_the_place(kind):
    q, k = torch.randn(2, 1, 1, 2, 8, generator=torch.Generator().manual_seed(2))
    four = place_scores(q.repeat(1, 1, 2, 1), k.repeat(1, 1, 2, 1), kind)[0, 0]
    assert torch.allclose(four[:2, :2], four[2:, 2:], atol=1e-5)
    assert torch.allclose(four[0, 0], four[0, 2]) == (kind == "none")


def test_learned_places_alone_are_trained():
    trained = {kind for kind in KINDS if writer(kind).places.requires_grad}
    assert trained == {"learned"}


def test_letters_are_numbers_and_pieces_follow_the_text():
    train, test, n_letters = load_letters()
    assert train.max() < n_letters and test.max() < n_letters and len(train) > len(test)
    given, following = random_pieces(torch.arange(100), 7, 5)
    assert given.shape == (5, 7) and torch.equal(given + 1, following)


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="no 'rotary'"):
        writer("rotary")
