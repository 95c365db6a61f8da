"""One step of each recurrent cell."""

import math

import pytest
import torch
from torch import nn

from attention.models.cells import gru_step, lstm_step, rnn_step


def draw(*shape, seed=3):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def cell_of(kind):
    torch.manual_seed(3)
    return kind(5, 7, dtype=torch.float64)


def weights(cell):
    return [w.detach() for w in cell.parameters()]  # W, U, b of the input, of the state


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def test_an_rnn_step_equals_torchs_cell():
    cell, x, h = cell_of(nn.RNNCell), draw(2, 5), draw(2, 7, seed=4)
    W, U, b_x, b_h = weights(cell)
    assert torch.allclose(rnn_step(x, h, W, U, b_x + b_h), cell(x, h))


def test_an_lstm_step_equals_torchs_cell():
    cell, x = cell_of(nn.LSTMCell), draw(2, 5)
    state = draw(2, 7, seed=4), draw(2, 7, seed=5)
    W, U, b_x, b_h = weights(cell)
    for found, expected in zip(
        lstm_step(x, state, W, U, b_x + b_h), cell(x, state), strict=True
    ):
        assert torch.allclose(found, expected)


def test_a_gru_step_equals_torchs_cell():
    cell, x, h = cell_of(nn.GRUCell), draw(2, 5), draw(2, 7, seed=4)
    assert torch.allclose(gru_step(x, h, *weights(cell)), cell(x, h))


def test_an_rnn_step_by_hand():
    x, h = torch.tensor([2.0]), torch.tensor([0.5, -1.0])
    W_x, W_h = torch.tensor([[0.5], [0.0]]), torch.tensor([[0.0, 1.0], [2.0, 0.0]])
    found = rnn_step(x, h, W_x, W_h, torch.tensor([0.0, -1.0]))
    assert torch.allclose(found, torch.tensor([0.0, 0.0]))


def test_an_lstm_step_of_one_unit_by_hand():
    x, h, c = torch.zeros(1), torch.zeros(1), torch.tensor([2.0])
    b = torch.tensor([0.0, 1.0, 0.5, -1.0])
    h, c = lstm_step(x, (h, c), torch.zeros(4, 1), torch.zeros(4, 1), b)
    expected = sigmoid(1) * 2 + 0.5 * math.tanh(0.5)
    assert c.item() == pytest.approx(expected)
    assert h.item() == pytest.approx(sigmoid(-1) * math.tanh(expected))


def test_a_gru_step_of_one_unit_by_hand():
    x, h = torch.zeros(1), torch.tensor([0.5])
    U, b_x = torch.tensor([[0.0], [0.0], [2.0]]), torch.tensor([-1.0, 1.0, 0.0])
    found = gru_step(x, h, torch.zeros(3, 1), U, b_x, torch.tensor([0.0, 0.0, 3.0]))
    n, z = math.tanh(sigmoid(-1) * (2 * 0.5 + 3)), sigmoid(1)
    assert found.item() == pytest.approx(z * 0.5 + (1 - z) * n)


def test_a_forget_gate_that_is_open_keeps_the_memory_for_a_thousand_steps():
    b = torch.tensor([-99.0, 99.0, 0.0, 0.0]).repeat_interleave(7)
    h, c = torch.zeros(7), torch.arange(7.0)
    for x in torch.randn(1000, 5, generator=torch.Generator().manual_seed(1)):
        h, c = lstm_step(x, (h, c), torch.ones(28, 5), torch.zeros(28, 7), b)
    assert torch.allclose(c, torch.arange(7.0))


def test_an_update_gate_of_one_keeps_the_state():
    b_x, h = torch.tensor([0.0, 99.0, 0.0]).repeat_interleave(7), draw(7).float()
    found = gru_step(
        torch.ones(5), h, torch.ones(21, 5), torch.ones(21, 7), b_x, torch.ones(21)
    )
    assert torch.equal(found, h)


@pytest.mark.parametrize("axes", [(), (2,), (2, 3)])
def test_any_axes_stand_in_front_and_each_row_is_on_its_own(axes):
    x, h, cell = draw(*axes, 5), draw(*axes, 7), cell_of(nn.GRUCell)
    found = gru_step(x, h, *weights(cell))
    assert found.shape == (*axes, 7)
    last = (-1,) * len(axes)
    assert torch.allclose(found[last], gru_step(x[last], h[last], *weights(cell)))


def test_nothing_is_changed_in_place():
    x, h, c = draw(5), draw(7), draw(7, seed=5)
    kept = [t.clone() for t in (x, h, c)]
    W, U, b_x, b_h = weights(cell_of(nn.LSTMCell))
    lstm_step(x, (h, c), W, U, b_x + b_h)
    assert all(torch.equal(a, b) for a, b in zip(kept, (x, h, c), strict=True))


def test_sizes_that_do_not_fit_are_said():
    x, h, b = draw(5), draw(7), draw(28)
    with pytest.raises(ValueError, match=r"input: expected \(28, 5\), got \(5, 28\)"):
        lstm_step(x, (h, h), draw(5, 28), draw(28, 7), b)
    with pytest.raises(ValueError, match=r"state: expected \(7, 7\), got \(7, 1\)"):
        rnn_step(x, h, draw(7, 5), draw(7, 1), b[:7])
    with pytest.raises(ValueError, match=r"input: expected \(21, 5\)"):
        gru_step(x, h, draw(28, 5), draw(21, 7), b[:21], b[:21])
