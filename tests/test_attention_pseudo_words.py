"""Two words written as one, and the line that tells them apart."""

import pytest
import torch

from attention.data.pseudo_words import Use, balance, join_words
from attention.training.probing import fit_line, leave_one_out, probe_accuracy

SENTENCES = ["a door and a banana".split(), "no fruit".split(), "door to door".split()]


def test_both_words_become_one_and_the_truth_is_kept():
    joined, uses = join_words(SENTENCES, ("banana", "door"))
    assert joined[0] == ["a", "banana-door", "and", "a", "banana-door"]
    assert joined[1:] == [["no", "fruit"], ["banana-door", "to", "banana-door"]]
    assert uses == [Use(0, 1, 1), Use(0, 4, 0), Use(2, 0, 1), Use(2, 2, 1)]
    assert SENTENCES[0][1] == "door"


def test_balanced_uses_have_as_many_of_either_sense():
    uses = [Use(i, 0, int(i > 4)) for i in range(17)]
    found = balance(uses, seed=1)
    assert [use.sense for use in found].count(0) == 5 == len(found) / 2
    assert set(found) <= set(uses) and len(set(found)) == 10
    assert found == balance(uses, seed=1) != balance(uses, seed=2)


def test_the_line_is_at_the_bottom_of_its_loss():
    torch.manual_seed(10)
    x, y = torch.randn(41, 3), torch.randint(2, (41,))
    w, b = fit_line(x, y, decay=0.5)
    error = (x @ w + b).sigmoid() - y  # the gradient of the loss is 0 there
    assert torch.allclose(x.T @ error / 41 + 0.5 * w, torch.zeros(3), atol=1e-4)
    assert error.mean().abs() < 1e-4


def test_two_clouds_are_told_apart_and_one_point_is_not():
    torch.manual_seed(10)
    y = torch.arange(40) % 2
    clouds = torch.randn(40, 5) + 6 * y[:, None]
    assert probe_accuracy(clouds[:20], y[:20], clouds[20:], y[20:]) == 1
    point = torch.randn(5).expand(40, 5)
    assert probe_accuracy(point[:20], y[:20], point[20:], y[20:]) == 0.5


@pytest.mark.parametrize("scale", [1e-3, 1e3])
def test_the_scale_of_the_vectors_does_not_matter(scale):
    torch.manual_seed(10)
    y = torch.arange(60) % 2
    x = torch.randn(60, 5) + y[:, None]
    parts = x[:40], y[:40], x[40:], y[40:]
    scaled = scale * x[:40], y[:40], scale * x[40:], y[40:]
    assert abs(probe_accuracy(*parts) - probe_accuracy(*scaled)) < 0.06


def test_leave_one_out_by_hand():
    x = torch.tensor([[0.0], [1], [10], [11], [2], [9]])
    y = torch.tensor([0, 0, 1, 1, 0, 0])  # the last one lies with the others
    assert leave_one_out(x, y) == 5


def test_one_point_for_both_classes_is_half_right_whatever_the_rounding():
    torch.manual_seed(10)
    y = torch.tensor([0] * 9 + [1] * 9)
    assert leave_one_out(torch.randn(64).expand(18, 64), y) == 9
