"""The small GPT: causal, exact with a cache, and its window."""

import pytest
import torch
from torch.nn import functional as F

from attention.mechanisms.kv_cache import KVCache
from attention.models.gpt import GPT

N_TOKENS, N = 13, 11


def small(**settings):
    torch.manual_seed(0)
    sizes = {"d_model": 12, "h": 3, "layers": 2} | settings
    return GPT(N_TOKENS, **sizes).double().eval()


def tokens(n=N, batch=2):
    return torch.randint(
        N_TOKENS, (batch, n), generator=torch.Generator().manual_seed(1)
    )


def test_a_token_moves_no_logits_before_it():
    model, ids = small(), tokens()
    other = ids.clone()
    other[:, 6] = (other[:, 6] + 1) % N_TOKENS
    moved = (model(ids) - model(other)).abs().amax((0, 2)) > 1e-9
    assert moved.tolist() == [False] * 6 + [True] * 5


@pytest.mark.parametrize("cuts", [[1] * N, [5, 6], [3, 1, 7], [N]])
@pytest.mark.parametrize("window", [None, 4])
def test_reading_in_pieces_with_a_cache_gives_the_same_logits(cuts, window):
    model, ids, cache = small(window=window), tokens(), KVCache()
    pieces = [model(piece, cache) for piece in ids.split(cuts, dim=1)]
    assert torch.allclose(torch.cat(pieces, dim=1), model(ids), atol=1e-12)
    assert cache.length == N


def test_weights_of_a_piece_reach_over_the_whole_past():
    model, ids, cache = small(), tokens(), KVCache()
    model(ids)
    whole = model.attention()
    model(ids[:, :7], cache)
    model(ids[:, 7:], cache)
    assert model.attention().shape == (2, 2, 3, 4, N)
    assert torch.allclose(model.attention(), whole[..., 7:, :], atol=1e-12)


def test_scores_are_those_that_the_weights_came_from():
    model, ids = small(), tokens()
    model(ids)
    future = torch.ones(N, N).triu(1).bool()
    scores = model.attention("scores").masked_fill(future, -torch.inf)
    assert torch.allclose(scores.softmax(-1), model.attention(), atol=1e-12)


def test_a_window_hides_what_is_older():
    model = small(window=3)
    model(tokens())
    seen = model.attention()[0, 0, 0] > 0
    expected = torch.ones(N, N).tril().triu(-2).bool()
    assert torch.equal(seen, expected)


def test_one_layer_equals_torchs_functions():
    model, ids = small(layers=1, h=1, d_ff=0), tokens()
    layer = model.layers[0]
    x = model.embed(ids)
    y = F.layer_norm(x, [12])
    angles = torch.arange(N)[:, None] / 10000 ** (torch.arange(0, 12, 2) / 12)
    turn = torch.polar(torch.ones_like(angles), angles)

    def turned(z):
        pairs = torch.view_as_complex(z.unflatten(-1, (-1, 2)).contiguous())
        return torch.view_as_real(pairs * turn).flatten(-2)

    q, k = turned(layer.attend.W_q(y)), turned(layer.attend.W_k(y))
    out = F.scaled_dot_product_attention(q, k, layer.attend.W_v(y), is_causal=True)
    x = F.layer_norm(x + layer.attend.W_o(out), [12])
    assert torch.allclose(model(ids), x @ model.logits.weight.T, atol=1e-5)


def test_without_networks_attention_is_all_there_is():
    model = small(d_ff=0)
    assert not [n for n, _ in model.named_parameters() if "feed_forward" in n]
    assert model(tokens()).shape == (2, N, N_TOKENS)


def test_there_are_no_weights_before_the_first_call():
    with pytest.raises(ValueError, match="before the first call"):
        small().attention()


def test_one_token_and_half_precision_work():
    assert small()(tokens(n=1)).shape == (2, 1, N_TOKENS)
    assert small().half()(tokens()).isfinite().all()


def test_input_and_output_share_no_matrix():
    model = small()
    assert model.embed.weight is not model.logits.weight
