"""Layer norm, feed-forward network, and the two layers of a Transformer."""

import pytest
import torch
from torch import nn

from attention.mechanisms.masks import causal_mask
from attention.mechanisms.torch_heads import weights_from_torch
from attention.models.blocks import DecoderLayer, EncoderLayer, FeedForward, LayerNorm


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(9)


def test_layer_norm_by_hand() -> None:
    x = torch.tensor([[1.0, 3.0], [10.0, 30.0]])
    found = LayerNorm(2, eps=3.0)(x)  # (x - 2) / √(1 + 3), (x - 20) / √(100 + 3)
    expected = torch.tensor([[-0.5, 0.5], [-10 / 103**0.5, 10 / 103**0.5]])
    assert torch.allclose(found, expected)


@pytest.mark.parametrize("shape", [(7,), (3, 7), (2, 3, 5, 7)])
def test_layer_norm_is_torchs(shape: tuple[int, ...]) -> None:
    ours, theirs = LayerNorm(7, eps=0.1), nn.LayerNorm(7, eps=0.1)
    nn.init.normal_(theirs.weight)
    nn.init.normal_(theirs.bias)
    ours.load_state_dict(theirs.state_dict())
    x = 3 * torch.randn(*shape) + 2
    kept = x.clone()
    assert torch.allclose(ours(x), theirs(x), atol=1e-6)
    assert torch.equal(x, kept)


def test_layer_norm_of_a_constant_vector_is_its_bias() -> None:
    assert LayerNorm(5)(torch.full((3, 5), 7.0)).eq(0).all()


def test_feed_forward_takes_each_position_by_itself() -> None:
    network, x = FeedForward(5, 13), torch.randn(3, 7, 5)
    together = network(x)
    for i in range(3):
        for j in range(7):
            inside = (network.W_1.weight @ x[i, j] + network.W_1.bias).clamp(min=0)
            alone = network.W_2.weight @ inside + network.W_2.bias
            assert torch.allclose(together[i, j], alone, atol=1e-6)


def copy_attention(ours: nn.Module, theirs: nn.MultiheadAttention) -> None:
    """Give our attention the weights of torch's."""
    ours.load_state_dict(weights_from_torch(theirs))


@pytest.mark.parametrize("pre_norm", [True, False])
def test_encoder_layer_is_torchs(pre_norm: bool) -> None:
    theirs = nn.TransformerEncoderLayer(
        6, 3, 11, 0.0, batch_first=True, norm_first=pre_norm
    )
    ours = EncoderLayer(6, 3, 11, 0.0, pre_norm)
    copy_attention(ours.self_attn, theirs.self_attn)
    ours.feed_forward.W_1.load_state_dict(theirs.linear1.state_dict())
    ours.feed_forward.W_2.load_state_dict(theirs.linear2.state_dict())
    x = torch.randn(2, 5, 6)
    padding = torch.tensor([[False] * 5, [False] * 3 + [True] * 2])
    found = ours(x, ~padding[:, None])
    assert torch.allclose(found, theirs(x, src_key_padding_mask=padding), atol=1e-5)


@pytest.mark.parametrize("pre_norm", [True, False])
def test_decoder_layer_is_torchs(pre_norm: bool) -> None:
    theirs = nn.TransformerDecoderLayer(
        6, 3, 11, 0.0, batch_first=True, norm_first=pre_norm
    )
    ours = DecoderLayer(6, 3, 11, 0.0, pre_norm)
    copy_attention(ours.self_attn, theirs.self_attn)
    copy_attention(ours.cross_attn, theirs.multihead_attn)
    ours.feed_forward.W_1.load_state_dict(theirs.linear1.state_dict())
    ours.feed_forward.W_2.load_state_dict(theirs.linear2.state_dict())
    x, memory, past = torch.randn(2, 5, 6), torch.randn(2, 7, 6), causal_mask(5, 5)
    padding = torch.tensor([[False] * 7, [False] * 3 + [True] * 4])
    found = ours(x, memory, past, ~padding[:, None])
    expected = theirs(x, memory, ~past, memory_key_padding_mask=padding)
    assert torch.allclose(found, expected, atol=1e-5)


def test_after_the_papers_order_each_vector_is_normalised() -> None:
    x = torch.randn(2, 5, 6)
    post, pre = EncoderLayer(6, 3, 11, 0.0, False), EncoderLayer(6, 3, 11, 0.0, True)
    assert torch.allclose(post(x).var(-1, correction=0), torch.ones(2, 5), atol=1e-3)
    assert not torch.allclose(pre(x).var(-1, correction=0), torch.ones(2, 5), atol=1e-3)
