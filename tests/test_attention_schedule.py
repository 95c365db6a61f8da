"""Learning rates that first rise."""

import pytest
import torch
from torch import Tensor, nn

from attention.data.batches import Batch
from attention.training.schedule import warmup_cosine, warmup_rate
from attention.training.translators import train


def test_warm_up_by_hand() -> None:
    # 16^-1/2 = 1/4, 4^-3/2 = 1/8: steps 1 to 4 rise by 1/32, step 16 has 1/4 · 1/4
    found = [warmup_rate(step, 16, 4) for step in (1, 2, 3, 4, 16)]
    assert found == pytest.approx([1 / 32, 2 / 32, 3 / 32, 4 / 32, 1 / 16])


def test_after_warm_up_four_times_the_steps_halve_the_rate() -> None:
    assert warmup_rate(400, 8, 100) == pytest.approx(warmup_rate(100, 8, 100) / 2)


def test_a_cosine_can_be_warmed_up() -> None:
    rates = [warmup_cosine(step, 8.0, 12, 4) for step in range(1, 14)]
    assert rates[:5] == pytest.approx([2, 4, 6, 8, 8])
    assert rates[8] == pytest.approx(4) and rates[12] == pytest.approx(0)
    assert sorted(rates[3:], reverse=True) == rates[3:]


@pytest.mark.parametrize("step", [0, -1])
def test_steps_count_from_one(step: int) -> None:
    with pytest.raises(ValueError, match="first step is 1"):
        warmup_rate(step, 8, 100)
    with pytest.raises(ValueError, match="first step is 1"):
        warmup_cosine(step, 1.0, 100)


class Bigram(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(7, 7)

    def forward(self, batch: Batch) -> Tensor:
        return self.table(batch.given)


def losses(**options: object) -> list[float]:
    torch.manual_seed(9)
    tokens = torch.randint(4, 7, (11, 3, 5))
    data = [Batch(t, t, t) for t in tokens]
    return train(Bigram(), data, steps=11, **options).losses


def test_train_takes_a_schedule_of_ones_own() -> None:
    cosine = losses(rate=0.5)
    same = losses(rate=9.0, schedule=lambda step: warmup_cosine(step, 0.5, 11))
    still = losses(rate=9.0, schedule=lambda step: 0.0)
    assert same == pytest.approx(cosine, rel=1e-4)
    assert still != pytest.approx(cosine, rel=1e-2)
