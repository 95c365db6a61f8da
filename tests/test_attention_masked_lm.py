"""Choosing and hiding tokens, and the loss on them."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attention.training.masked_lm import IGNORED, mask_tokens, mlm_loss

SPECIAL, MASK, V = (0, 1, 2, 3), 3, 103


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def shares(before: torch.Tensor, after: torch.Tensor, labels: torch.Tensor) -> list:
    """Return the shares of chosen tokens that are masked, replaced, kept."""
    chosen = labels != IGNORED
    masked, kept = after[chosen] == MASK, after[chosen] == before[chosen]
    return [
        masked.float().mean(),
        (~masked & ~kept).float().mean(),
        kept.float().mean(),
    ]


def test_of_the_chosen_eighty_are_masked_ten_replaced_ten_kept() -> None:
    ids = torch.randint(4, V, (200, 997), generator=generator(1))
    after, labels = mask_tokens(ids, SPECIAL, V, MASK, generator())
    assert abs((labels != IGNORED).float().mean() - 0.15) < 0.005
    for share, expected in zip(
        shares(ids, after, labels), (0.8, 0.1 * 98 / 99, 0.1 + 0.1 / 99), strict=True
    ):
        assert abs(share - expected) < 0.01


def test_what_was_not_chosen_stays_and_has_no_label() -> None:
    ids = torch.randint(0, V, (50, 97), generator=generator(1))
    kept = ids.clone()
    after, labels = mask_tokens(ids, SPECIAL, V, MASK, generator(), p=0.5)
    chosen = labels != IGNORED
    assert torch.equal(ids, kept)
    assert torch.equal(after[~chosen], ids[~chosen])
    assert torch.equal(labels[chosen], ids[chosen])
    assert not torch.isin(ids[chosen], torch.tensor(SPECIAL)).any()


@pytest.mark.parametrize(("p", "count"), [(0, 0), (1, 5)])
def test_p_of_zero_and_one(p: float, count: int) -> None:
    ids = torch.tensor([0, 7, 7, 7, 7, 7, 1])
    _, labels = mask_tokens(ids, SPECIAL, V, MASK, generator(), p=p)
    assert (labels != IGNORED).sum() == count


def test_random_tokens_are_ordinary_ones() -> None:
    ids = torch.full((100, 100), 7)
    after, _ = mask_tokens(ids, (0, 2), 11, 3, generator(), p=1.0)
    drawn = set(after[after != 3].tolist())
    assert drawn == {1, 4, 5, 6, 7, 8, 9, 10}


@given(st.integers(0, 2**30))
def test_the_same_generator_gives_the_same_masks(seed: int) -> None:
    ids = torch.arange(4, 64)
    first = mask_tokens(ids, SPECIAL, V, MASK, generator(seed))
    again = mask_tokens(ids, SPECIAL, V, MASK, generator(seed))
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])


def test_errors_name_what_is_wrong() -> None:
    ids = torch.arange(5)
    with pytest.raises(ValueError, match=r"p must be 0 to 1, got 15"):
        mask_tokens(ids, SPECIAL, V, MASK, generator(), p=15)
    with pytest.raises(ValueError, match="none is left to draw"):
        mask_tokens(ids, SPECIAL, 4, MASK, generator())
    with pytest.raises(ValueError, match=r"expected \(2, 3\), got \(2,\)"):
        mlm_loss(torch.zeros(2, 3, 5), torch.zeros(2, dtype=torch.long))


def test_loss_by_hand() -> None:
    logits = torch.tensor([[[1.0, 2, 3, 1], [0, 0, 0, 0], [9, 9, 0, 0]]]).log()
    labels = torch.tensor([[2, 1, IGNORED]])
    logits[0, 1] = 0
    expected = (math.log(7 / 3) + math.log(4)) / 2
    assert mlm_loss(logits, labels).item() == pytest.approx(expected)


def test_loss_is_the_mean_of_a_loop() -> None:
    logits = torch.randn(3, 5, 7, generator=generator())
    labels = torch.randint(0, 7, (3, 5), generator=generator())
    labels[:, ::2] = IGNORED
    terms = [
        -logits[i, j].log_softmax(-1)[labels[i, j]]
        for i in range(3)
        for j in range(5)
        if labels[i, j] != IGNORED
    ]
    assert torch.allclose(mlm_loss(logits, labels), torch.stack(terms).mean())


def test_loss_of_nothing_is_zero() -> None:
    logits = torch.randn(2, 3, requires_grad=True)
    loss = mlm_loss(logits, torch.full((2,), IGNORED))
    loss.backward()
    assert loss.item() == 0
    assert logits.grad is not None
    assert logits.grad.eq(0).all()
