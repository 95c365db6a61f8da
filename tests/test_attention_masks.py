"""Masks are True where a query may attend."""

import pytest
import torch

from attention.mechanisms.masks import causal_mask, padding_mask


def test_a_causal_mask_is_a_lower_triangle():
    expected = [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
    assert causal_mask(3, 3).int().tolist() == expected


def test_queries_that_follow_a_kept_past_see_all_of_it():
    assert causal_mask(2, 5).int().tolist() == [[1, 1, 1, 1, 0], [1, 1, 1, 1, 1]]


@pytest.mark.parametrize(("n_queries", "n_keys"), [(1, 1), (7, 7), (3, 11), (1, 13)])
def test_a_causal_mask_agrees_with_a_loop_over_positions(n_queries, n_keys):
    offset = n_keys - n_queries
    slow = [[k <= q + offset for k in range(n_keys)] for q in range(n_queries)]
    assert causal_mask(n_queries, n_keys).tolist() == slow


def test_the_rows_of_a_long_causal_mask_are_those_of_a_short_one():
    assert torch.equal(causal_mask(11, 11)[:5, :5], causal_mask(5, 5))
    assert torch.equal(causal_mask(11, 11)[-3:], causal_mask(3, 11))


def test_more_queries_than_keys_are_refused():
    with pytest.raises(ValueError, match="expected at most 3 queries, got 5"):
        causal_mask(5, 3)


def test_a_padding_mask_is_true_on_real_tokens():
    mask = padding_mask(torch.tensor([3, 0, 5]), 5)
    expected = [[1, 1, 1, 0, 0], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]]
    assert mask.int().tolist() == expected


def test_a_padding_mask_counts_back_to_the_lengths():
    lengths = torch.tensor([2, 7, 0, 5])
    assert torch.equal(padding_mask(lengths, 7).sum(-1), lengths)


@pytest.mark.parametrize("lengths", [[3, 8], [-1, 2]])
def test_impossible_lengths_are_refused(lengths):
    with pytest.raises(ValueError, match="expected 0 to 7"):
        padding_mask(torch.tensor(lengths), 7)


def test_an_empty_batch_has_an_empty_mask():
    assert padding_mask(torch.tensor([], dtype=torch.long), 5).shape == (0, 5)


def test_masks_are_booleans():
    assert causal_mask(3, 5).dtype == torch.bool
    assert padding_mask(torch.tensor([3]), 5).dtype == torch.bool
