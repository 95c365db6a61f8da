"""Query heads that share keys: which asks which, and GPTs of equal size."""

import pytest
import torch

from attention.mechanisms.grouped import grouped_query_attention
from attention.mechanisms.kv_cache import KVCache
from attention.mechanisms.masks import causal_mask
from attention.mechanisms.scaled_dot_product import scaled_dot_product
from attention.models.grouped_gpt import grouped_gpt

BATCH, H, N, KEYS, D, D_V = 2, 6, 5, 7, 3, 11


def sample(g):
    draws = torch.Generator().manual_seed(6)
    sizes = ((H, N, D), (g, KEYS, D), (g, KEYS, D_V))
    return [torch.randn(BATCH, *size, generator=draws) for size in sizes]


@pytest.mark.parametrize("g", [1, 2, 3, 6])
def test_head_i_asks_the_keys_number_i_by_the_size_of_a_group(g):
    q, k, v = sample(g)
    found = grouped_query_attention(q, k, v)
    assert found.shape == (BATCH, H, N, D_V)
    for i in range(H):
        j = i // (H // g)
        alone = scaled_dot_product(q[:, i], k[:, j], v[:, j])[0]
        torch.testing.assert_close(found[:, i], alone)


def test_as_many_heads_of_keys_as_of_queries_is_multi_head_attention():
    q, k, v = sample(H)
    expected = scaled_dot_product(q, k, v)[0]
    torch.testing.assert_close(grouped_query_attention(q, k, v), expected)


def test_a_mask_holds_for_every_head():
    q, k, v = sample(2)
    mask = causal_mask(N, KEYS)
    v2 = v.clone()
    v2[:, :, -1] += 1  # only the last query may see the last key
    before, after = (grouped_query_attention(q, k, x, mask) for x in (v, v2))
    assert torch.equal(before[:, :, :-1], after[:, :, :-1])
    assert not torch.equal(before[:, :, -1], after[:, :, -1])


def test_heads_that_do_not_divide_are_an_error():
    with pytest.raises(ValueError, match="divide h = 6, got 4"):
        grouped_query_attention(*sample(4))


HEADS = [(6, 6), (6, 2), (6, 1), (1, 1)]


def test_the_gpts_are_of_equal_size():
    sizes = [
        sum(w.numel() for w in grouped_gpt(65, h=h, g=g).parameters()) for h, g in HEADS
    ]
    assert max(sizes) < 1.001 * min(sizes)


@pytest.mark.parametrize(("h", "g"), HEADS)
def test_a_gpt_keeps_g_heads_and_reads_with_the_cache_what_it_reads_without(h, g):
    torch.manual_seed(1)
    model = grouped_gpt(11, h=h, g=g, layers=2)
    ids = torch.arange(9)[None]
    cache = KVCache()
    with torch.no_grad():
        parts = [model(x, cache) for x in ids.split([4, 1, 4], 1)]
        torch.testing.assert_close(torch.cat(parts, 1), model(ids))
    assert cache.keys[0].shape == (1, g, 9, 16)
