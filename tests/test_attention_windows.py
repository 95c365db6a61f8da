"""Sliding windows: the mask, and the blocks that leave the rest out."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from attention.mechanisms.scaled_dot_product import scaled_dot_product
from attention.mechanisms.windows import sliding_window_mask, window_attention

N, D, D_V = 29, 5, 7


def sample(*front):
    draws = torch.Generator().manual_seed(4)
    sizes = ((N, D), (N, D), (N, D_V))
    return [
        torch.randn(*front, *size, generator=draws, dtype=torch.float64)
        for size in sizes
    ]


def test_the_mask_by_hand():
    assert sliding_window_mask(4, 2).int().tolist() == [
        [1, 0, 0, 0],
        [1, 1, 0, 0],
        [0, 1, 1, 0],
        [0, 0, 1, 1],
    ]


@pytest.mark.parametrize("window", [1, 3, 11, 40])
def test_query_i_sees_the_keys_after_i_minus_window_up_to_i(window):
    mask = sliding_window_mask(11, window)
    for i in range(11):
        seen = [j for j in range(11) if i - window < j <= i]
        assert mask[i].nonzero().flatten().tolist() == seen


@pytest.mark.parametrize("window", [1, 2, 7, 28, 29, 30, 100])
@pytest.mark.parametrize("front", [(), (2, 3)])
def test_blocks_give_what_the_mask_gives(window, front):
    q, k, v = sample(*front)
    masked = scaled_dot_product(q, k, v, sliding_window_mask(N, window))[0]
    torch.testing.assert_close(window_attention(q, k, v, window), masked)


def test_blocks_multiply_for_two_windows_a_query_in_place_of_n():
    q, k, v = torch.zeros(3, 1, 256, 8)
    with FlopCounterMode(display=False) as counter:
        window_attention(q, k, v, 16)
    assert counter.get_total_flops() // 2 == 2 * 256 * (2 * 16) * 8


def test_a_window_below_one_is_an_error():
    for call in (sliding_window_mask, lambda n, w: window_attention(*sample(), w)):
        with pytest.raises(ValueError, match="window: expected 1 or more, got 0"):
            call(N, 0)


def test_keys_of_another_length_are_an_error():
    q, k, v = sample()
    with pytest.raises(ValueError, match="k, as q"):
        window_attention(q, k[:-1], v, 3)
