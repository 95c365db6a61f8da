"""A language model that judges sentences, and its fine-tuning."""

import pytest
import torch

from attention.data.vocabulary import END
from attention.models.elmo import TwoWayLM
from attention.models.small_transformer import SmallTransformer
from attention.training.judging import (
    WAYS,
    SentenceJudge,
    accuracy,
    even_batches,
    fine_tune,
)


def judge(name: str) -> SentenceJudge:
    torch.manual_seed(10)
    if name == "ULMFiT":
        return SentenceJudge(TwoWayLM(11, 6, layers=2)).eval()
    model = SmallTransformer(11, 6, h=2, layers=2, causal=name == "GPT", longest=9)
    return SentenceJudge(model).eval()


NAMES = ("ULMFiT", "GPT", "BERT")
ROWS = [[1, 4 + k % 2, *[6 + k % 3] * (k % 5), END] for k in range(40)]
TRUTH = torch.tensor([k % 2 == 1 for k in range(40)])


@pytest.mark.parametrize("name", NAMES)
def test_each_model_reads_what_its_paper_reads(name):
    model, ids = judge(name), torch.tensor([[1, 4, 5, 6, END]])
    if name == "ULMFiT":
        states = model.model.states(ids)[0][-1]
        read = torch.cat([states[:, -1], states.mean(1), states.max(1).values], dim=-1)
    else:
        read = model.model(ids)[-1][:, -1 if name == "GPT" else 0]
    assert torch.allclose(model(ids), model.head(read)[:, 0])


def test_groups_are_filled_up_with_the_end():
    groups = even_batches([[1, 4, END], [1, END], [1, 5, 5, END], [1, 6, END]], 2)
    assert [g for g, _ in groups] == [[1, 0], [3, 2]]
    assert groups[0][1].tolist() == [[1, END, END], [1, 4, END]]
    assert groups[1][1].tolist() == [[1, 6, END, END], [1, 5, 5, END]]


@pytest.mark.parametrize("name", NAMES)
def test_a_judge_learns_a_rule(name):
    model = judge(name)
    before = accuracy(model, ROWS, TRUTH)
    fine_tune(model, ROWS, TRUTH, epochs=25, rate=2e-2)
    assert accuracy(model, ROWS, TRUTH) > max(before, 0.9)
    assert not model.training


def test_what_is_frozen_stays_and_lower_layers_move_less():
    model = judge("ULMFiT")
    before = [[w.clone() for w in layer.parameters()] for layer in model.groups]
    fine_tune(model, ROWS * 4, TRUTH.repeat(4), epochs=1, ways=WAYS)
    stays = [
        all(torch.equal(a, b) for a, b in zip(old, layer.parameters(), strict=True))
        for old, layer in zip(before, model.groups, strict=True)
    ]
    assert stays == [True, True, True, False]


def test_the_same_seed_gives_the_same_judge():
    one, two = (fine_tune(judge("GPT"), ROWS, TRUTH) for _ in range(2))
    assert torch.equal(one.head.weight, two.head.weight)
