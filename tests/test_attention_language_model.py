"""The loss of the next token, batches out of a text, and the training loop."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from attention.training.language_model import (
    draw_pieces,
    held_out_loss,
    next_token_loss,
    train_language_model,
)


def test_the_loss_equals_a_loop_and_torchs():
    logits, ids = torch.randn(3, 5, 7), torch.randint(7, (3, 5))
    slow = [
        -logits[b, t].log_softmax(-1)[ids[b, t + 1]] for b in range(3) for t in range(4)
    ]
    assert torch.isclose(next_token_loss(logits, ids), torch.stack(slow).mean())
    theirs = F.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten())
    assert torch.isclose(next_token_loss(logits, ids), theirs)


def test_the_loss_by_hand():
    logits = torch.tensor([[[0.25, 0.75], [0.5, 0.5], [0.9, 0.1]]]).log()
    expected = -(math.log(0.75) + math.log(0.5)) / 2  # 1 after 0, then 0 after 1
    loss = next_token_loss(logits, torch.tensor([[0, 1, 0]]))
    assert math.isclose(loss, expected, rel_tol=1e-6)


def test_equal_logits_cost_the_logarithm_of_the_vocabulary():
    loss = next_token_loss(torch.zeros(2, 5, 65), torch.randint(65, (2, 5)))
    assert math.isclose(loss, math.log(65), rel_tol=1e-6)


def test_the_last_logits_and_the_first_token_have_no_say():
    logits, ids = torch.randn(2, 5, 7), torch.randint(7, (2, 5))
    loss = next_token_loss(logits, ids)
    logits[:, -1] += torch.arange(7)
    ids[:, 0] = (ids[:, 0] + 1) % 7
    assert next_token_loss(logits, ids) == loss


@pytest.mark.parametrize(
    ("shape", "n"), [((2, 4, 7), 5), ((2, 5), 5), ((3, 5, 7), 5), ((2, 1, 7), 1)]
)
def test_shapes_that_do_not_fit_are_an_error(shape, n):
    with pytest.raises(ValueError, match="expected"):
        next_token_loss(torch.zeros(shape), torch.zeros(2, n, dtype=torch.long))


def test_windows_are_neighbours_and_reach_both_ends():
    text = torch.arange(10)
    stream = draw_pieces(text, 7, 50, torch.Generator().manual_seed(0))
    batch = next(stream)
    assert batch.shape == (50, 7)
    assert (batch.diff(dim=1) == 1).all()
    assert batch.min() == 0
    assert batch.max() == 9
    assert not torch.equal(batch, next(stream))


def test_a_text_that_is_too_short_is_an_error():
    with pytest.raises(ValueError, match="at least 7 tokens, got 6"):
        next(draw_pieces(torch.arange(6), 7, 1, torch.Generator()))


class Bigram(nn.Module):
    """Looks at one token alone."""

    def __init__(self, table):
        super().__init__()
        self.table = nn.Parameter(table)

    def forward(self, ids):
        return self.table[ids]


def test_the_held_out_loss_predicts_each_token_once():
    text = torch.randint(7, (13,), generator=torch.Generator().manual_seed(0))
    model = Bigram(torch.randn(7, 7))
    whole = next_token_loss(model(text[None]), text[None]).item()
    assert math.isclose(held_out_loss(model, text, 4, batch=2), whole, rel_tol=1e-6)


def test_training_learns_what_follows_what():
    text = torch.tensor([0, 1, 2] * 20)
    model = Bigram(torch.zeros(3, 3))
    stream = draw_pieces(text, 8, 4, torch.Generator().manual_seed(0))
    history = train_language_model(
        model,
        stream,
        steps=30,
        rate=0.3,
        check=lambda: held_out_loss(model, text, 8),
        every=10,
    )
    assert math.isclose(history.losses[0], math.log(3), rel_tol=1e-5)
    assert history.checked_at == [10, 20, 30]
    assert history.processor_seconds == sorted(history.processor_seconds)
    assert history.scores[-1] < 0.1 < history.losses[0]
    assert not model.training
