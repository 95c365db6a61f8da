"""BERT's encoder: Devlin et al. (2019), section 3, and uses of its vectors."""

import re
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attention.mechanisms.multi_head import MultiHeadedAttention
from attention.models.blocks import EncoderLayer, FeedForward, LayerNorm
from attention.shapes import check_shape


def bert_embed(ids: Tensor, segments: Tensor, tables: Mapping[str, Tensor]) -> Tensor:
    """Add the vectors of each token, of its position and of its segment: figure 2.

    Args:
        ids: integers, (..., n).
        segments: integers, (..., n): 0 in the first text, 1 in the second.
        tables: `token` (V, d), `position` (longest, d) and `segment` (segments, d).

    Returns:
        (..., n, d). Position 0 is the first token of each row.

    Raises:
        ValueError: if ids and segments differ in shape, or there are more tokens than
            positions.

    """
    check_shape("segments", segments, *ids.shape)
    n, longest = ids.shape[-1], tables["position"].shape[0]
    if n > longest:
        raise ValueError(f"expected at most {longest} tokens, got {n}")
    return tables["token"][ids] + tables["position"][:n] + tables["segment"][segments]


class GeluFeedForward(FeedForward):
    """Two linear maps with a GELU between, x times the normal distribution's Φ(x)."""

    def forward(self, x: Tensor) -> Tensor:
        """Map (..., d_model) to (..., d_model)."""
        return self.W_2(F.gelu(self.W_1(x)))


class BertLayer(EncoderLayer):
    """The first Transformer's layer, with a GELU: post-LN, attention to both sides."""

    def __init__(
        self, d_model: int, h: int, d_ff: int, dropout: float = 0.1, eps: float = 1e-12
    ) -> None:
        """Make the layer; `eps` is that of both layer norms."""
        super().__init__(d_model, h, d_ff, dropout, pre_norm=False)
        self.feed_forward = GeluFeedForward(d_model, d_ff)
        for module in self.modules():
            if isinstance(module, LayerNorm):
                module.eps = eps


class BertEncoder(nn.Module):
    """Learned embeddings of token, position and segment, then post-LN layers."""

    def __init__(
        self,
        vocab_size: int,
        d_model: int,
        h: int,
        n_layers: int,
        *,
        d_ff: int | None = None,
        longest: int = 512,
        n_segments: int = 2,
        dropout: float = 0.1,
        eps: float = 1e-12,
    ) -> None:
        """Make three `tables`, their layer norm and the `layers`; d_ff is 4 d_model."""
        super().__init__()
        sizes = {"token": vocab_size, "position": longest, "segment": n_segments}
        self.tables = nn.ParameterDict(
            {name: 0.02 * torch.randn(size, d_model) for name, size in sizes.items()}
        )
        self.norm = LayerNorm(d_model, eps)
        self.dropout = nn.Dropout(dropout)
        self.layers = nn.ModuleList(
            BertLayer(d_model, h, d_ff or 4 * d_model, dropout, eps)
            for _ in range(n_layers)
        )

    def forward(
        self, ids: Tensor, segments: Tensor | None = None, mask: Tensor | None = None
    ) -> Tensor:
        """Return a vector for each token, (batch, n, d_model).

        Args:
            ids: integers, (batch, n).
            segments: integers, (batch, n); all 0 by default.
            mask: booleans, (batch, n), False on padding; all True by default.

        Raises:
            ValueError: if a shape does not fit, or a row is too long.

        """
        segments = torch.zeros_like(ids) if segments is None else segments
        if mask is not None:
            check_shape("mask", mask, *ids.shape)
        x = self.dropout(self.norm(bert_embed(ids, segments, dict(self.tables))))
        for layer in self.layers:
            x = layer(x, None if mask is None else mask[:, None, :])
        return x

    def weights(self) -> Tensor:
        """Return the attention weights of the last call, (batch, layers, h, n, n)."""
        parts = [m for m in self.modules() if isinstance(m, MultiHeadedAttention)]
        return torch.stack([m.attn for m in parts if m.attn is not None], dim=1)


class MaskedLM(nn.Module):
    """An encoder and what reads a token off a vector; the embeddings are shared."""

    def __init__(self, encoder: BertEncoder) -> None:
        """Make a dense layer, a layer norm and a bias for each token."""
        super().__init__()
        vocab_size, d_model = encoder.tables["token"].shape
        self.encoder = encoder
        self.dense = nn.Linear(d_model, d_model)
        self.norm = LayerNorm(d_model, 1e-12)
        self.bias = nn.Parameter(torch.zeros(vocab_size))

    def forward(self, states: Tensor) -> Tensor:
        """Turn vectors (..., d_model) of the encoder into logits (..., V)."""
        x = self.norm(F.gelu(self.dense(states)))
        return x @ self.encoder.tables["token"].T + self.bias


def mean_pool(states: Tensor, mask: Tensor) -> Tensor:
    """Average the vectors of a text's real tokens.

    Args:
        states: (..., n, d).
        mask: (..., n), True or 1 on real tokens.

    Returns:
        (..., d); 0 where a text has no token.

    Raises:
        ValueError: if there is not one entry of the mask for each vector.

    """
    check_shape("mask", mask, *states.shape[:-1])
    kept = mask.bool()[..., None]
    return states.masked_fill(~kept, 0).sum(-2) / kept.sum(-2).clamp(min=1)


RENAMED = (  # Hugging Face's name of a weight, and ours
    (r"embeddings\.word_embeddings\.weight", "tables.token"),
    (r"embeddings\.position_embeddings\.weight", "tables.position"),
    (r"embeddings\.token_type_embeddings\.weight", "tables.segment"),
    (r"embeddings\.LayerNorm\.", "norm."),
    (r"encoder\.layer\.(\d+)\.attention\.self\.query\.", r"layers.\1.self_attn.W_q."),
    (r"encoder\.layer\.(\d+)\.attention\.self\.key\.", r"layers.\1.self_attn.W_k."),
    (r"encoder\.layer\.(\d+)\.attention\.self\.value\.", r"layers.\1.self_attn.W_v."),
    (
        r"encoder\.layer\.(\d+)\.attention\.output\.dense\.",
        r"layers.\1.self_attn.W_o.",
    ),
    (
        r"encoder\.layer\.(\d+)\.attention\.output\.LayerNorm\.",
        r"layers.\1.residuals.0.norm.",
    ),
    (r"encoder\.layer\.(\d+)\.intermediate\.dense\.", r"layers.\1.feed_forward.W_1."),
    (r"encoder\.layer\.(\d+)\.output\.dense\.", r"layers.\1.feed_forward.W_2."),
    (r"encoder\.layer\.(\d+)\.output\.LayerNorm\.", r"layers.\1.residuals.1.norm."),
)
NOT_USED = ("pooler.", "embeddings.position_ids")


def load_encoder(
    state_dict: Mapping[str, Tensor], config: Mapping[str, Any]
) -> BertEncoder:
    """Put the weights of a pretrained BERT into this course's modules.

    Args:
        state_dict: weights under the names of Hugging Face's `BertModel`; the pooler
            may be among them, and is left out.
        config: the entries of its `config.json`.

    Returns:
        The encoder, in evaluation mode.

    Raises:
        ValueError: if the configuration asks for something else than a GELU.
        RuntimeError: if weights are missing, unknown, or of another shape.

    """
    if config.get("hidden_act", "gelu") != "gelu":
        raise ValueError(f"hidden_act: expected 'gelu', got {config['hidden_act']!r}")
    encoder = BertEncoder(
        config["vocab_size"],
        config["hidden_size"],
        config["num_attention_heads"],
        config["num_hidden_layers"],
        d_ff=config["intermediate_size"],
        longest=config["max_position_embeddings"],
        n_segments=config["type_vocab_size"],
        dropout=config.get("hidden_dropout_prob", 0.1),
        eps=config["layer_norm_eps"],
    )
    used = {k: w for k, w in state_dict.items() if not k.startswith(NOT_USED)}
    encoder.load_state_dict({our_name(name): w for name, w in used.items()})
    return encoder.eval()


def our_name(name: str) -> str:
    """Return the name that a weight of Hugging Face's `BertModel` has in this course.

    A name that is not known stays as it is.
    """
    for theirs, ours in RENAMED:
        renamed, count = re.subn(rf"^{theirs}", ours, name)
        if count:
            return renamed
    return name
