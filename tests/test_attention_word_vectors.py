"""Skip-gram with negative sampling, and GloVe."""

import math

import pytest
import torch

from attention.models.word_vectors import (
    cooccurrence,
    glove_loss,
    keep_probability,
    negative_sampling_loss,
    noise_distribution,
    skip_gram_pairs,
)
from attention.training.pretraining import fit_glove


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def test_pairs_by_hand():
    assert skip_gram_pairs([7, 8, 9], 1) == [(7, 8), (8, 7), (8, 9), (9, 8)]
    assert skip_gram_pairs([7], 3) == []
    assert len(skip_gram_pairs(list(range(11)), 2)) == 2 * (10 + 9)


def test_noise_by_hand():
    # 16^(3/4) = 8, 1, 0: shares 8/9, 1/9, 0
    found = noise_distribution(torch.tensor([16, 1, 0]))
    assert found.tolist() == pytest.approx([8 / 9, 1 / 9, 0])
    assert noise_distribution(torch.tensor([3, 1, 0]), 0).tolist() == [0.5, 0.5, 0]
    assert noise_distribution(torch.tensor([3, 1]), 1).tolist() == [0.75, 0.25]


def test_rare_words_are_kept():
    found = keep_probability(torch.tensor([900, 99, 1]), t=0.01)
    assert found.tolist() == pytest.approx(
        [(0.01 / 0.9) ** 0.5, (0.01 / 0.099) ** 0.5, 1]
    )


def test_the_negative_sampling_loss_by_hand():
    center, positive = torch.tensor([1.0, 2]), torch.tensor([0.0, 1])
    negatives = torch.tensor([[1.0, 0], [0, -1], [1, -1]])
    expected = -math.log(sigmoid(2)) - sum(math.log(sigmoid(-x)) for x in (1, -2, -1))
    assert negative_sampling_loss(center, positive, negatives).item() == pytest.approx(
        expected
    )


def test_the_negative_sampling_loss_sums_over_negatives_and_averages_over_pairs():
    torch.manual_seed(10)
    v, u, drawn = torch.randn(7, 5), torch.randn(7, 5), torch.randn(7, 3, 5)
    alone = [negative_sampling_loss(v[i], u[i], drawn[i]) for i in range(7)]
    assert torch.allclose(
        negative_sampling_loss(v, u, drawn), torch.stack(alone).mean(), atol=1e-6
    )
    twice = negative_sampling_loss(v, u, drawn.repeat(1, 2, 1))
    none = negative_sampling_loss(v, u, drawn[:, :0])
    once = negative_sampling_loss(v, u, drawn)
    assert torch.allclose(twice - once, once - none, atol=1e-5)


def test_the_negative_sampling_loss_stays_finite():
    far = torch.tensor([1000.0, 0])
    assert negative_sampling_loss(far, -far, far[None]).isfinite()


def test_negative_sampling_names_shapes_that_do_not_fit():
    with pytest.raises(ValueError, match=r"expected \(7, 5\)"):
        negative_sampling_loss(torch.ones(7, 5), torch.ones(7, 3), torch.ones(7, 2, 5))
    with pytest.raises(ValueError, match="negatives"):
        negative_sampling_loss(torch.ones(7, 5), torch.ones(7, 5), torch.ones(3, 5))


def test_cooccurrence_by_hand():
    rows, columns, counts = cooccurrence([[1, 2, 3], [3, 1]], window=2)
    found = dict(
        zip(
            zip(rows.tolist(), columns.tolist(), strict=True),
            counts.tolist(),
            strict=True,
        )
    )
    half = 1.5  # 1/2 in the first sentence, 1 in the second
    assert found == {
        (1, 2): 1,
        (2, 1): 1,
        (2, 3): 1,
        (3, 2): 1,
        (1, 3): half,
        (3, 1): half,
    }


def test_cooccurrence_agrees_with_the_pairs():
    torch.manual_seed(10)
    ids = torch.randint(0, 5, (31,)).tolist()
    rows, columns, counts = cooccurrence([ids], window=1)
    table = torch.zeros(5, 5)
    table[rows, columns] = counts
    slow = torch.zeros(5, 5)
    for one, other in skip_gram_pairs(ids, 1):
        slow[one, other] += 1
    assert torch.equal(table, slow) and torch.equal(table, table.T)


def test_a_word_beside_itself_is_counted_from_both_sides():
    assert cooccurrence([[4, 4]], window=3)[2].tolist() == [2]


def test_no_words_have_no_cells():
    assert [len(x) for x in cooccurrence([[], [4]], window=3)] == [0, 0, 0]


def test_the_glove_loss_by_hand():
    # f(16) = (16/81)^(3/4) = (2/3)^3; w·c + b_w + b_c - log 16 = 3 + 1 - 1 - log 16
    found = glove_loss(
        torch.tensor([1.0, 1]),
        torch.tensor([1.0, 2]),
        torch.tensor(1.0),
        torch.tensor(-1.0),
        torch.tensor(16.0),
        x_max=81,
    )
    assert found.item() == pytest.approx(8 / 27 * (3 - math.log(16)) ** 2)


def test_the_glove_loss_is_a_sum_and_zero_counts_add_nothing():
    torch.manual_seed(10)
    w, c, b, counts = (
        torch.randn(7, 5),
        torch.randn(3, 5),
        torch.randn(7),
        torch.rand(7, 3),
    )
    counts[2] = 0
    shape = (7, 3)
    cells = (
        w[:, None].expand(7, 3, 5),
        c.expand(7, 3, 5),
        b[:, None].expand(shape),
        torch.zeros(shape),
    )
    slow = sum(
        (counts[i, j] / 2) ** 0.5 * (w[i] @ c[j] + b[i] - counts[i, j].log()) ** 2
        for i in range(7)
        for j in range(3)
        if i != 2
    )
    assert torch.allclose(
        glove_loss(*cells, counts, x_max=2, alpha=0.5), slow, rtol=1e-4
    )


def test_a_zero_count_gives_no_gradient_and_no_nan():
    w = torch.ones(2, 3, requires_grad=True)
    zero = torch.zeros(2)
    glove_loss(w, torch.ones(2, 3), zero, zero, torch.tensor([0.0, 5])).backward()
    assert w.grad is not None and w.grad[0].eq(0).all() and w.grad[1].ne(0).all()


def test_above_x_max_all_cells_weigh_one():
    cell = torch.zeros(1, 2), torch.zeros(1, 2), torch.zeros(1), torch.zeros(1)
    found = glove_loss(*cell, torch.tensor([500.0]))
    assert found.item() == pytest.approx(math.log(500) ** 2)


def test_glove_names_shapes_that_do_not_fit():
    with pytest.raises(ValueError, match="one shape"):
        glove_loss(
            torch.ones(7, 5),
            torch.ones(7, 5),
            torch.ones(7),
            torch.ones(3),
            torch.ones(7),
        )


@pytest.mark.parametrize("window", [0, -1])
def test_a_window_holds_a_neighbour(window):
    with pytest.raises(ValueError, match="at least 1"):
        skip_gram_pairs([1, 2], window)
    with pytest.raises(ValueError, match="at least 1"):
        cooccurrence([[1, 2]], window)


def test_glove_can_be_fitted():
    torch.manual_seed(10)
    ids = torch.randint(0, 7, (3, 29)).tolist()
    rows, columns, counts = cooccurrence(ids, window=2)
    g = torch.Generator().manual_seed(10)
    w, c, b_w, b_c = fit_glove(
        rows, columns, counts, 7, 5, epochs=400, x_max=1, generator=g
    )
    assert w.shape == c.shape == (7, 5) and b_w.shape == b_c.shape == (7,)
    fitted = (w[rows] * c[columns]).sum(-1) + b_w[rows] + b_c[columns]
    assert torch.corrcoef(torch.stack([fitted, counts.log()]))[0, 1] > 0.9
