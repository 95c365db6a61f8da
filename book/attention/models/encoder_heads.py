"""The pretrained encoder with heads switched off: what it finds, what "it" becomes."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attention.data.wordpiece import WordPiece
from attention.models.bert import BertEncoder, mean_pool
from attention.models.heads_off import (
    attentions_of,
    head_importance,
    heads_of,
    heads_off,
)

SHARPNESS = 0.05  # cosines are divided by it


class Finder(nn.Module):
    """An encoder that says which of some texts answers a question."""

    def __init__(self, encoder: BertEncoder, keys: Tensor) -> None:
        """Keep the encoder and the vectors of the texts, (texts, d), of length 1."""
        super().__init__()
        self.encoder, self.keys = encoder, keys

    def forward(self, ids: Tensor) -> Tensor:
        """Return logits (questions, texts); padding has the number 0."""
        mask = ids != 0
        states = self.encoder(ids, torch.zeros_like(ids), mask)
        vectors = F.normalize(mean_pool(states, mask), dim=-1)
        return vectors @ self.keys.T / SHARPNESS


def finding_importance(
    questions: Sequence[tuple[str, int]],
    keys: Tensor,
    encoder: BertEncoder,
    tokenizer: WordPiece,
) -> Tensor:
    """Return what each head is worth for finding the right text, (layers, heads).

    Args:
        questions: each with the number of its text.
        keys: vectors of the texts, (texts, d).
        encoder: the pretrained encoder.
        tokenizer: its tokeniser.

    """
    ids = tokenizer.encode([text for text, _ in questions]).ids
    right = torch.tensor([number for _, number in questions])
    return head_importance(Finder(encoder, keys), (ids, right))


@torch.no_grad()
def token_moves(
    text: str, token: str, encoder: BertEncoder, tokenizer: WordPiece
) -> Tensor:
    """Return how far a token's last state turns without each head, (layers, heads).

    It is 1 less the cosine of the state and what it was with all heads.
    """
    batch = tokenizer.encode([text])
    at = ["[CLS]", *tokenizer.pieces(text)].index(token)
    whole = encoder(*batch)[0, at]
    rows = []
    for layer, attention in enumerate(attentions_of(encoder)):
        for head in range(heads_of(attention)):
            with heads_off(encoder, [(layer, head)]):
                state = encoder(*batch)[0, at]
            rows.append(1 - F.cosine_similarity(whole, state, dim=0))
    return torch.stack(rows).view(layer + 1, -1)
