"""The handwritten digits: what is in the file, and how it is split."""

import pytest
import torch

from attention.data.digits import load_digits, split_digits
from attention.data.files import BOOK


def test_there_are_1797_pictures_of_ten_digits():
    images, labels = load_digits()
    assert images.shape == (1797, 8, 8) and labels.shape == (1797,)
    assert torch.bincount(labels).tolist() == [
        *(178, 182, 177, 183, 181),
        *(182, 181, 179, 174, 180),
    ]


def test_paper_is_0_and_the_strongest_ink_is_1():
    images, _ = load_digits()
    assert images.min() == 0 and images.max() == 1


def test_the_first_picture_is_a_ring():
    images, labels = load_digits()
    ring = images[0] > 0.25
    assert labels[0] == 0 and ring[3, 2] and ring[3, 5] and not ring[3:5, 3:5].any()


def test_no_picture_is_in_both_parts():
    images, labels = load_digits()
    numbered = load_digits()._replace(labels=torch.arange(len(labels)))
    train, test = split_digits(numbered, train=897, test=900, seed=3)
    assert sorted([*train.labels.tolist(), *test.labels.tolist()]) == list(range(1797))
    assert torch.equal(train.images, images[train.labels])


def test_what_is_tested_does_not_depend_on_how_much_is_learnt():
    small, large = (split_digits(load_digits(), n, 600, seed=1) for n in (50, 400))
    assert torch.equal(small[1].images, large[1].images)
    assert torch.equal(small[0].labels, large[0].labels[:50])


def test_more_pictures_than_there_are_can_not_be_had():
    with pytest.raises(ValueError, match=r"at most 1797 pictures, got 900 \+ 900"):
        split_digits(load_digits(), 900, 900)


def test_the_file_is_small():
    assert (BOOK / "data/digits.npz").stat().st_size < 60_000
