"""The one check of shapes: what fits, what does not, and what it says."""

import re

import numpy as np
import pytest
import torch

from attention.shapes import check_shape


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((), ()),
        ((3, 5), (3, 5)),
        ((3, 5), (3, "width")),
        ((7, 5, 5), ("batch", "n", "n")),
        ((5,), (..., 5)),
        ((2, 3, 5), (..., 5)),
        ((2, 3, 5, 5), (..., "n", "n")),
    ],
)
def test_a_shape_that_fits_is_let_through(shape, expected):
    check_shape("x", torch.zeros(shape), *expected)
    check_shape("x", np.zeros(shape), *expected)


@pytest.mark.parametrize(
    ("shape", "expected", "said"),
    [
        ((3, 5), (3, 7), "x: expected (3, 7), got (3, 5)"),
        ((3,), (5,), "x: expected (5,), got (3,)"),
        ((3, 5), (3, 5, "k"), "x: expected (3, 5, k), got (3, 5)"),
        ((7, 5, 3), ("batch", "n", "n"), "x: expected (batch, n, n), got (7, 5, 3)"),
        ((3,), (..., "n", 3), "x: expected (..., n, 3), got (3,)"),
        ((2, 3, 5), (..., 7), "x: expected (..., 7), got (2, 3, 5)"),
        ((), ("n",), "x: expected (n,), got ()"),
    ],
)
def test_one_that_does_not_says_what_was_expected_and_what_came(shape, expected, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        check_shape("x", torch.zeros(shape), *expected)
