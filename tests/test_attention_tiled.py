"""Attention in tiles: the same output for every block, and no table on the way."""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from attention.mechanisms.scaled_dot_product import scaled_dot_product
from attention.mechanisms.tiled import tiled_attention

N, KEYS, D, D_V = 37, 41, 5, 7


def sample(*front, dtype=torch.float64):
    draws = torch.Generator().manual_seed(3)
    sizes = ((N, D), (KEYS, D), (KEYS, D_V))
    return [torch.randn(*front, *size, generator=draws, dtype=dtype) for size in sizes]


@pytest.mark.parametrize("block", [1, 2, 13, 37, 41, 1000])
@pytest.mark.parametrize("front", [(), (2,), (2, 3)])
def test_every_block_gives_the_output_of_the_whole_table(block, front):
    q, k, v = sample(*front)
    found = tiled_attention(q, k, v, block)
    torch.testing.assert_close(found, scaled_dot_product(q, k, v)[0])


def test_float32_is_as_exact_as_the_whole_table():
    q, k, v = sample(dtype=torch.float32)
    exact = scaled_dot_product(q.double(), k.double(), v.double())[0]
    assert (tiled_attention(q, k, v, 8) - exact).abs().max() < 1e-6


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_rounded_once(dtype):
    q, k, v = (30 * x.to(dtype) for x in sample())
    exact = scaled_dot_product(q.double(), k.double(), v.double())[0]
    found = tiled_attention(q, k, v, 8)
    assert found.dtype == dtype
    torch.testing.assert_close(found, exact.to(dtype))


def test_one_token_attends_to_itself():
    q, k, v = (x[:1] for x in sample())
    assert torch.equal(tiled_attention(q, k, v, 4), v)


class Largest(TorchDispatchMode):
    """Notes the most numbers that any result has."""

    size = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        if isinstance(out, torch.Tensor):
            self.size = max(self.size, out.numel())
        return out


def test_no_tensor_on_the_way_is_larger_than_what_comes_in():
    q, k, v = torch.zeros(3, 256, 4)
    with Largest() as tiles:
        tiled_attention(q, k, v, 16)
    assert 0 < tiles.size <= q.numel()
    with Largest() as table:
        scaled_dot_product(q, k, v)
    assert table.size == 256 * 256


def test_nothing_is_changed_in_place():
    given = sample()
    before = [x.clone() for x in given]
    tiled_attention(*given, 8)
    assert all(map(torch.equal, given, before))


def test_a_block_below_one_and_shapes_that_do_not_fit_are_errors():
    q, k, v = sample()
    with pytest.raises(ValueError, match="block: expected 1 or more, got 0"):
        tiled_attention(q, k, v, 0)
    with pytest.raises(ValueError, match="one a key"):
        tiled_attention(q, k, v[:-1], 8)
