"""The Neural GPU: its step, its reach, its sums, and what teaches it to add."""

import json
from collections import Counter

import pytest
import torch

from attention.data.addition import (
    carry_lengths,
    draw_sums,
    long_chains,
    longest_carries,
    write_sums,
)
from attention.data.files import book_file
from attention.mechanisms.neural_gpu import GATES, cgru_step
from attention.models.neural_gpu import NeuralGPU
from attention.training.adding import Curriculum, share_right, train_adder
from attention.training.checkpoints import load_half


def drawn(seed=1):
    return torch.Generator().manual_seed(seed)


def random_weights(m, k, seed=3):
    g = drawn(seed)
    return {
        name: (
            torch.randn(m, m, k, generator=g, dtype=torch.float64),
            torch.randn(m, generator=g, dtype=torch.float64),
        )
        for name in GATES
    }


def convolved(x, kernel, bias):
    """Convolve (m, n) by loops: the slow reference."""
    n = x.shape[1]
    k = kernel.shape[-1]
    out = bias[:, None].repeat(1, n)
    for place in range(n):
        for tap in range(k):
            at = place + tap - k // 2
            if 0 <= at < n:
                out[:, place] += kernel[:, :, tap] @ x[:, at]
    return out


@pytest.mark.parametrize("k", [1, 3, 5])
def test_a_step_is_the_equation_place_by_place(k):
    weights = random_weights(5, k)
    s = torch.randn(2, 5, 7, generator=drawn(), dtype=torch.float64)
    after = cgru_step(s, weights)
    for row, found in zip(s, after, strict=True):
        u = convolved(row, *weights["update"]).sigmoid()
        r = convolved(row, *weights["reset"]).sigmoid()
        candidate = convolved(r * row, *weights["candidate"]).tanh()
        torch.testing.assert_close(found, u * row + (1 - u) * candidate)


def test_a_step_worked_by_hand():
    zero = torch.zeros(1, 1, 3)
    weights = {
        "update": (zero, torch.zeros(1)),  # u = 1/2
        "reset": (zero, torch.full((1,), 50.0)),  # r = 1
        "candidate": (torch.tensor([[[1.0, 0.0, 0.0]]]), torch.zeros(1)),  # the left
    }
    after = cgru_step(torch.tensor([[[1.0, 0.0, 0.5]]]), weights)
    expected = torch.tensor([[[0.5, 0.5 * torch.tensor(1.0).tanh(), 0.25]]])
    torch.testing.assert_close(after, expected)


def test_an_open_update_gate_keeps_everything():
    weights = random_weights(5, 3)
    weights["update"] = (weights["update"][0] * 0, torch.full((5,), 50.0).double())
    s = torch.randn(2, 5, 7, generator=drawn(), dtype=torch.float64)
    torch.testing.assert_close(cgru_step(s, weights), s)


def test_the_state_that_came_in_is_not_changed():
    s = torch.randn(2, 5, 7, generator=drawn(), dtype=torch.float64)
    before = s.clone()
    cgru_step(s, random_weights(5, 3))
    assert torch.equal(s, before)


def test_a_state_of_other_width_is_refused():
    with pytest.raises(ValueError, match=r"update \(m, m, k\): expected \(7, 7, k\)"):
        cgru_step(torch.zeros(2, 7, 11).double(), random_weights(5, 3))


def test_a_kernel_without_a_middle_is_refused():
    with pytest.raises(ValueError, match="expected k odd, got 4"):
        cgru_step(torch.zeros(2, 5, 7).double(), random_weights(5, 4))


@pytest.mark.parametrize("steps", [1, 2, 3, 5])
@pytest.mark.parametrize("k", [3, 5])
def test_the_reach_is_twice_that_of_a_convolution(steps, k):
    n, middle = 61, 30
    weights = random_weights(3, k)
    start = 0.1 * torch.randn(1, 3, n, generator=drawn(), dtype=torch.float64)
    start.requires_grad_()
    s = start
    for _ in range(steps):
        s = cgru_step(s, {name: (0.1 * w, b) for name, (w, b) in weights.items()})
    s[0, :, middle].sum().backward()
    seen = start.grad[0].abs().sum(0).nonzero()[:, 0]
    reach = 2 * steps * (k // 2)
    assert (seen.min(), seen.max()) == (middle - reach, middle + reach)


@pytest.mark.parametrize("hard", [True, False])
def test_the_models_step_is_the_equation(hard):
    torch.manual_seed(5)
    model = NeuralGPU(m=7, hard=hard, diagonal=False).eval()
    s = torch.randn(11, 2, 7)
    functions = {"gate": model._gate, "squash": model._squash}
    after = cgru_step(s.permute(1, 2, 0), model.weights(), **functions)
    torch.testing.assert_close(model.step(s).permute(1, 2, 0), after)


def test_diagonal_gates_move_a_third_left_and_a_third_right():
    model = NeuralGPU(m=6).eval()
    s = torch.arange(1.0, 19.0).view(3, 1, 6)
    moved = model._move(s)[:, 0]
    assert moved[:, 0].tolist() == [7, 13, 0]  # from the right
    assert moved[:, 2].tolist() == [0, 3, 9]  # from the left
    assert moved[:, 5].tolist() == [6, 12, 18]


def test_noise_is_for_training_alone():
    torch.manual_seed(0)
    model, ids = NeuralGPU(), torch.randint(5, (2, 7))
    assert not torch.equal(model(ids), model(ids))
    model.eval()
    assert torch.equal(model(ids), model(ids))


def test_the_model_has_as_many_states_as_steps_and_the_first():
    model = NeuralGPU().eval()
    states = list(model.states(torch.zeros(2, 7, dtype=torch.long), 5))
    assert len(states) == 6 and states[0].shape == (7, 2, 24)


def number(bits):
    return sum(int(bit) << i for i, bit in enumerate(bits))


@pytest.mark.parametrize("planted", [0.0, 0.5])
def test_sums_are_sums(planted):
    columns, sums = draw_sums(50, 13, drawn(), planted)
    assert columns.shape == sums.shape == (50, 14) and (columns[:, -1] == 0).all()
    for row, total in zip(columns, sums, strict=True):
        pairs = row[:-1] - 1
        assert number(pairs % 2) + number(pairs // 2) == number(total)


def test_a_sum_worked_by_hand():  # 3 + 1 = 4
    columns, sums = write_sums(torch.tensor([[1, 1]]), torch.tensor([[1, 0]]))
    assert columns.tolist() == [[4, 2, 0]] and sums.tolist() == [[0, 0, 1]]
    assert carry_lengths(write_sums(*torch.tensor([[[1, 1]], [[1, 0]]]))).item() == 2


def test_the_longest_carries_run_through_all_places():
    sums = longest_carries(31, 17, drawn())
    assert (carry_lengths(sums) == 17).all() and (sums.sums[:, -1] == 1).all()
    assert number(sums.sums[0]) == 2**17  # 1 + 11…1


def test_a_carry_runs_as_far_as_told():
    sums = longest_carries(31, 17, drawn(), places=5)
    assert (carry_lengths(sums) == 5).all()
    assert {number(row) for row in sums.sums} == {2**5}
    with pytest.raises(ValueError, match="expected 1 to 17, got 18"):
        longest_carries(31, 17, drawn(), places=18)


def test_half_of_the_chains_carry_and_look_alike_but_at_the_ones():
    columns, sums = long_chains(10, 17, drawn())
    assert [number(row) for row in sums[:5]] == [2**17] * 5
    assert [number(row) for row in sums[5:]] == [2**17 - 2] * 5
    assert ((columns[:, 1:-1] == 2) | (columns[:, 1:-1] == 3)).all()


def test_random_carries_are_short_and_planted_ones_are_not():
    plain, planted = (
        carry_lengths(draw_sums(2000, 100, drawn(), p)).float().mean() for p in (0, 1)
    )
    assert 5 < plain < 8 and planted > 25


def test_idle_chains_carry_nothing():
    carried, idle = (
        carry_lengths(draw_sums(500, 60, drawn(), 1.0, share)).float().mean()
        for share in (0, 1)
    )
    assert carried > 15 and idle < 8


def test_the_curriculum_goes_on_when_few_are_wrong():
    lessons = Curriculum(20, 0.5, drawn())
    sums = torch.ones(16, 4, dtype=torch.long)
    right = torch.tensor([0.0, 1.0]).expand(16, 4, 2)
    for _ in range(200):
        lessons.hear(right, sums)
    assert 3 < lessons.top < 12
    for _ in range(200):
        lessons.hear(-right, sums)
    assert lessons.wrong > 0.9


def test_short_training_lowers_the_loss():
    torch.manual_seed(0)
    model = NeuralGPU()
    history = train_adder(model, seed=0, steps=60, bits=4)
    assert history.losses[0] > 0.6 and min(history.losses[-10:]) < 0.4
    assert 0 <= share_right(model, draw_sums(32, 4, drawn())) <= 1


@pytest.mark.parametrize(
    ("name", "right"), [("neural-gpu", 1.0), ("neural-gpu-unplanted", 0.5)]
)
def test_both_stored_models_add_random_sums_and_one_of_them_guesses(name, right):
    model = NeuralGPU().eval()
    load_half(model, f"data/{name}.npz")
    assert share_right(model, draw_sums(32, 40, drawn())) > 0.9
    assert share_right(model, long_chains(32, 40, drawn())) == pytest.approx(right)


def test_each_trick_was_tried_with_three_seeds():
    runs = json.loads(book_file("data/neural-gpu.json").read_text("utf-8"))["runs"]
    seeds = Counter(run["trick"] for run in runs)
    assert len(seeds) == 9 and set(seeds.values()) == {3}
