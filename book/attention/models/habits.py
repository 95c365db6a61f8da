"""What the heads of an encoder look at, whatever the sentence says."""

from collections.abc import Sequence

import torch
from torch import Tensor

from attention.data.wordpiece import WordPiece
from attention.models.bert import BertEncoder

LOOKED_AT = ("previous token", "next token", "itself", "[CLS]", "[SEP]")


def attention_maps(text: str, encoder: BertEncoder, tokenizer: WordPiece) -> Tensor:
    """Return the weights of one text in all heads, (layers, heads, n, n)."""
    with torch.no_grad():
        encoder(*tokenizer.encode([text]))
    return encoder.weights()[0]


def head_habits(
    texts: Sequence[str], encoder: BertEncoder, tokenizer: WordPiece
) -> Tensor:
    """Return the mean weight on each of the LOOKED_AT, (layers, heads, places).

    The mean is over the words of the texts: [CLS] and [SEP] are keys, not queries, and
    they do not count as somebody's previous or next token.
    """
    rows = []
    for text in texts:
        maps = attention_maps(text, encoder, tokenizer)
        beside = [maps.diagonal(step, -2, -1)[..., 1:-1] for step in (-1, 1, 0)]
        ends = [maps[..., 1:-1, 0], maps[..., 1:-1, -1]]
        shares = [part.mean(-1) for part in (*beside, *ends)]
        rows.append(torch.stack(shares, -1))
    return torch.stack(rows).mean(0)
