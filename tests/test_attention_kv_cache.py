"""The cache of keys and values: what it holds, and what it refuses."""

import pytest
import torch

from attention.mechanisms.kv_cache import KVCache

BATCH, H, D_K, D_V = 2, 3, 5, 7


def sample(new, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(BATCH, H, new, d, generator=generator) for d in (D_K, D_V)]


def test_what_is_appended_comes_back_in_its_order():
    cache = KVCache()
    (k1, v1), (k2, v2) = sample(4), sample(3, seed=1)
    assert all(map(torch.equal, cache.append(0, k1, v1), (k1, v1)))
    keys, values = cache.append(0, k2, v2)
    assert torch.equal(keys, torch.cat([k1, k2], 2))
    assert torch.equal(values, torch.cat([v1, v2], 2))


def test_each_layer_has_its_own_past():
    cache = KVCache()
    for layer in range(3):
        cache.append(layer, *sample(4, seed=layer))
    keys, _ = cache.append(1, *sample(2, seed=9))
    assert torch.equal(keys[:, :, :4], sample(4, seed=1)[0])


def test_the_length_is_what_all_layers_have_read():
    cache = KVCache()
    assert cache.length == 0
    cache.append(0, *sample(4))
    cache.append(1, *sample(4))
    cache.append(0, *sample(3))
    assert cache.length == 4  # layer 1 is behind
    cache.append(1, *sample(3))
    assert cache.length == 7


def test_its_bytes_are_those_of_keys_and_values_in_all_layers():
    cache = KVCache()
    assert cache.n_bytes == 0
    for layer in range(3):
        cache.append(layer, *sample(11))
    assert cache.n_bytes == 3 * BATCH * H * 11 * (D_K + D_V) * 4


def test_what_was_given_and_what_came_back_stay_as_they_are():
    cache, (k, v) = KVCache(), sample(4)
    first, _ = cache.append(0, k, v)
    cache.append(0, *sample(1))
    assert first.shape[2] == k.shape[2] == 4


@pytest.mark.parametrize("axis", [0, 1, 3])
def test_another_batch_or_width_is_an_error_that_gives_both_shapes(axis):
    cache = KVCache()
    cache.append(0, *sample(4))
    shape = [BATCH, H, 1, D_K]
    shape[axis] += 1
    key, value = torch.zeros(shape), torch.zeros(*shape[:3], D_V)
    with pytest.raises(ValueError, match=rf"key: expected \(2, 3, new, 5\), got .*{1}"):
        cache.append(0, key, value)


def test_a_layer_left_out_is_an_error():
    with pytest.raises(ValueError, match="layer: expected 0 to 0, got 1"):
        KVCache().append(1, *sample(1))


def test_keys_without_values_are_an_error():
    with pytest.raises(ValueError, match="one a key"):
        KVCache().append(0, sample(3)[0], sample(4)[1])
