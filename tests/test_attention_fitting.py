"""The training loop, and its batches."""

import pytest
import torch
from torch import nn

from attention.data.batches import length_batches
from attention.training.fitting import fit


def test_batches_hold_every_row_once_an_epoch_and_repeat_with_the_seed() -> None:
    rows = [[i] * (1 + i % 5) for i in range(1, 12)]
    found = list(length_batches(rows, steps=4, size=3, seed=2))
    assert sorted(int(row[0]) for batch in found for row in batch) == list(range(1, 12))
    again = list(length_batches(rows, steps=4, size=3, seed=2))
    assert all(torch.equal(a, b) for a, b in zip(found, again, strict=True))
    assert len(list(length_batches(rows, steps=9, size=3))) == 9


def test_a_line_is_found_and_frozen_parameters_stay() -> None:
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1))
    nn.init.constant_(model[1].weight, 2.0)
    model[1].requires_grad_(False)
    kept = model[1].weight.clone()
    x = torch.linspace(-1, 1, 20)[:, None]
    modes = []
    history = fit(
        model,
        lambda target: (model(x) - target).square().mean(),
        [3 * x + 1] * 300,
        steps=300,
        rate=0.1,
        check=lambda: modes.append(model.training) or 7.0,
        every=100,
    )
    assert len(history.losses) == 300
    assert history.losses[-1] < 1e-3 < history.losses[0]
    assert (history.checked_at, history.scores) == ([100, 200, 300], [7.0] * 3)
    assert modes == [False] * 3
    assert not model.training
    assert torch.equal(model[1].weight, kept)


def test_the_data_may_be_longer_than_the_training() -> None:
    model = nn.Linear(1, 1)
    data = iter([torch.ones(1, 1)] * 9)
    history = fit(model, lambda x: model(x).square().mean(), data, steps=5, rate=0.1)
    assert len(history.losses) == 5
    with pytest.raises(RuntimeError):
        fit(model, lambda x: x.sum(), [torch.ones(1)], steps=1, rate=0.1)


def test_a_misspelt_way_of_watching_is_an_error():
    model = nn.Linear(2, 1)
    with pytest.raises(TypeError, match="chekc"):
        fit(model, lambda x: model(x).sum(), [], steps=0, rate=0.1, chekc=float)
