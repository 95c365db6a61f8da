"""The benchmark of the cousins: bodies of one size, its tasks, its rule for marks."""

import json

import pytest
import torch

from benchmarks import cousins
from benchmarks.cousin_models import BODIES, Separable

each_body = pytest.mark.parametrize("kind", BODIES)


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(cousins, "DATA", tmp_path)
    monkeypatch.setattr(cousins, "FILE", tmp_path / "cousins.json")
    return cousins.FILE


@pytest.mark.parametrize("task", cousins.SETUP)
def test_bodies_are_about_as_large_as_each_other(task):
    sizes = [
        sum(weight.numel() for weight in cousins.make(task, kind, 0).body.parameters())
        for kind in BODIES
    ]
    assert max(sizes) < 1.06 * min(sizes)


@each_body
def test_a_causal_body_does_not_see_what_comes_later(kind):
    model = cousins.make("recall", kind, 1).eval()
    ids = torch.randint(32, (2, 19), generator=torch.Generator().manual_seed(3))
    other = ids.clone()
    other[:, 11] = (ids[:, 11] + 1) % 32
    moved = (model(ids) - model(other)).abs().amax((0, 2)) > 1e-6
    assert not moved[:11].any() and moved[11]


@each_body
def test_a_body_for_sums_sees_both_sides(kind):
    model = cousins.make("addition", kind, 1).eval()
    ids = torch.randint(1, 5, (2, 13), generator=torch.Generator().manual_seed(3))
    other = ids.clone()
    other[:, 6] = 5 - ids[:, 6]
    moved = (model(ids) - model(other)).abs().amax((0, 2)) > 1e-6
    assert moved[5:8].all()


def test_a_separable_body_filters_before_it_mixes():
    torch.manual_seed(0)
    layer, x = Separable(6, 7, causal=False), torch.randn(2, 11, 6)
    y = torch.nn.functional.conv1d(
        x.relu().transpose(1, 2), layer.depthwise.weight, padding=3, groups=6
    )
    expected = x + layer.norm(layer.pointwise(y.transpose(1, 2)))
    torch.testing.assert_close(layer(x), expected)


def test_what_is_to_be_recalled_stands_one_period_before():
    ids, answers = next(cousins.load("recall").draw(torch.Generator().manual_seed(1)))
    asked = (answers != cousins.IGNORED).nonzero()
    period = ids.shape[1] + 1 - len(asked) // len(ids)
    for row, place in asked.tolist():
        before = place + 1 - (ids.shape[1] + 1) // 2
        assert answers[row, place] == ids[row, before]
    assert period >= 1


def test_equal_seconds_are_half_the_updates_for_a_body_that_takes_twice_as_long(
    file, monkeypatch
):
    paces = {kind: 2.0 for kind in BODIES} | {cousins.FIRST: 1.0}
    made = []
    monkeypatch.setattr(cousins, "pace", lambda task: {"times": paces})
    monkeypatch.setattr(cousins, "choose_rate", lambda *_: {"rate": 1e-3})
    monkeypatch.setattr(cousins, "learn", lambda *a: made.append(a[2]) or ([], 0.0))
    cousins.main(["--only", "recall"])
    parts = json.loads(file.read_text())["parts"]
    steps = cousins.SETUP["recall"]["steps"]
    assert parts["run/recall/dilated/0"]["updates"]["seconds"] == steps // 2
    assert parts["run/recall/attention/0"]["updates"]["seconds"] == steps
    assert sum(made) == steps * len(BODIES) * len(cousins.SEEDS)


@pytest.mark.parametrize("best", [6.4e-4, 1e-2, 6.25e-2])
def test_the_rate_is_the_lowest_of_a_valley_wherever_it_lies(best, monkeypatch):
    monkeypatch.setattr(cousins, "short_run", lambda t, k, rate: abs(rate - best))
    assert cousins.choose_rate("recall", "dilated")["rate"] == pytest.approx(best)


def test_a_run_in_two_parts_is_the_run_in_one(monkeypatch):
    def weights(parts):
        model = cousins.make("addition", "dilated", 1)
        stream = cousins.load("addition").draw(torch.Generator().manual_seed(2))
        optimizer, done = torch.optim.Adam(model.parameters(), lr=1e-3), 0
        for steps in parts:
            cousins.learn(model, stream, steps, 1e-3, optimizer, done)
            done += steps
        return model.out.weight

    assert torch.equal(weights([6]), weights([2, 4]))


def test_the_file_holds_each_part_of_the_plan():
    found = json.loads((cousins.BOOK / "data/cousins.json").read_text("utf-8"))
    assert list(found["parts"]) == list(cousins.plan())
    assert found["setup"] == cousins.SETUP
