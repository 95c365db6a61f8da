"""The online softmax: a slow reference, values by hand, and what must not matter."""

import math

import pytest
import torch

from attention.mechanisms.online_softmax import online_softmax, read_chunk


def test_four_scores_by_hand():
    chunks = [torch.tensor([score]) for score in (1.0, 3.0, 2.0, 5.0)]
    largest, total = online_softmax(chunks)
    assert largest == 5
    assert math.isclose(
        total, 1 + math.exp(-2) + math.exp(-3) + math.exp(-4), rel_tol=1e-6
    )


@pytest.mark.parametrize("sizes", [[13], [1] * 13, [5, 1, 7], [2, 11]])
def test_the_cut_into_chunks_changes_nothing(sizes):
    scores = torch.randn(3, 5, 13, generator=torch.Generator().manual_seed(1)) * 9
    largest, total = online_softmax(scores.split(sizes, -1))
    assert torch.equal(largest, scores.amax(-1))
    expected = (scores - scores.amax(-1, keepdim=True)).exp().sum(-1)
    torch.testing.assert_close(total, expected)


def test_large_scores_do_not_overflow():
    largest, total = online_softmax([torch.tensor([1e4]), torch.tensor([1e4, 0.0])])
    assert (largest, total) == (1e4, 2)


def test_masked_scores_count_for_nothing_wherever_they_come():
    hidden = torch.tensor([-torch.inf, -torch.inf])
    for chunks in ([hidden, torch.tensor([2.0])], [torch.tensor([2.0]), hidden]):
        assert tuple(map(float, online_softmax(chunks))) == (2, 1)
    assert tuple(map(float, online_softmax([hidden, hidden]))) == (-math.inf, 0)


def test_a_chunk_may_be_empty():
    chunks = [torch.zeros(2, 0), torch.ones(2, 3), torch.zeros(2, 0)]
    largest, total = online_softmax(chunks)
    assert largest.tolist() == [1, 1] and total.tolist() == [3, 3]


def test_a_step_tells_by_how_much_the_old_sums_shrink():
    found = read_chunk(torch.tensor(1.0), torch.tensor(1.0), torch.tensor([3.0, 2.0]))
    largest, total, shrink, exps = found
    assert largest == 3 and math.isclose(shrink, math.exp(-2), rel_tol=1e-6)
    assert math.isclose(total, math.exp(-2) + exps.sum(), rel_tol=1e-6)


def test_no_chunk_and_other_rows_are_errors():
    with pytest.raises(ValueError, match="one or more, got none"):
        online_softmax([])
    with pytest.raises(ValueError, match=r"chunk: expected \(2, keys\), got \(3, 4\)"):
        online_softmax([torch.zeros(2, 4), torch.zeros(3, 4)])
