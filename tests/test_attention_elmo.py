"""Two one-way language models, and the mixture of their layers."""

import pytest
import torch

from attention.data.vocabulary import END, PAD, START
from attention.models.elmo import TwoWayLM, elmo_mix, learn_mixture, reverse_within


def test_the_mix_by_hand():
    layers = torch.tensor([[1.0, 0], [0, 1], [1, 1]])
    s = torch.log(torch.tensor([1.0, 1, 2]))  # weights 1/4, 1/4, 1/2
    assert elmo_mix(layers, s, 2.0).tolist() == pytest.approx([1.5, 1.5])


def test_the_mix_of_a_batch_is_the_mix_of_each_token():
    torch.manual_seed(10)
    layers, s, gamma = torch.randn(3, 5, 7, 11), torch.randn(3), torch.tensor(0.5)
    found = elmo_mix(layers, s, gamma)
    slow = sum(w * h for w, h in zip(s.softmax(0), layers, strict=True)) * 0.5
    assert found.shape == (5, 7, 11) and torch.allclose(found, slow, atol=1e-6)
    assert torch.allclose(elmo_mix(layers, s + 3, gamma), found, atol=1e-6)


def test_the_mix_wants_a_score_a_layer():
    with pytest.raises(ValueError, match=r"expected \(3,\), got \(2,\)"):
        elmo_mix(torch.ones(3, 5), torch.ones(2))


def test_padding_stays_at_the_end():
    x = torch.tensor([[1, 2, 3, PAD], [4, PAD, PAD, PAD], [5, 6, 7, 8]])
    turned = reverse_within(x, torch.tensor([3, 1, 4]))
    assert turned.tolist() == [[3, 2, 1, PAD], [4, PAD, PAD, PAD], [8, 7, 6, 5]]
    assert torch.equal(reverse_within(turned, torch.tensor([3, 1, 4])), x)


def model() -> TwoWayLM:
    torch.manual_seed(10)
    return TwoWayLM(13, 5, layers=2).eval()


SENTENCE = [START, 4, 9, 12, 7, END]


def test_each_half_of_a_layer_sees_one_side():
    lm, ids = model(), torch.tensor([SENTENCE])
    other = ids.clone()
    other[0, 3] = 5
    changed = (lm(ids) != lm(other)).any(-1)[:, 0]  # (layers, n)
    ahead = (lm(ids) != lm(other))[..., :5].any(-1)[1:, 0]
    back = (lm(ids) != lm(other))[..., 5:].any(-1)[1:, 0]
    assert changed[0].tolist() == [i == 3 for i in range(6)]
    assert (ahead == (torch.arange(6) >= 3)).all()
    assert (back == (torch.arange(6) <= 3)).all()


def test_padding_changes_nothing():
    lm = model()
    alone = lm(torch.tensor([SENTENCE]))
    batch = lm(torch.tensor([[*SENTENCE, PAD, PAD], [START, 5, 6, 7, 8, 9, 4, END]]))
    assert alone.shape == (3, 1, 6, 10)
    assert torch.allclose(batch[:, :1, :6], alone, atol=1e-6)


def test_the_loss_agrees_with_a_slow_count():
    lm = model()
    rows = [SENTENCE, [START, 5, END]]
    ids = torch.tensor([rows[0], [*rows[1], PAD, PAD, PAD]])
    there, back = [], []
    for row in rows:
        top = lm(torch.tensor([row]))[-1, 0]
        logits = (
            top[:, :5] @ lm.embed.weight.T + lm.bias,
            top[:, 5:] @ lm.embed.weight.T + lm.bias,
        )
        for t in range(len(row) - 1):
            there.append(-logits[0][t].log_softmax(-1)[row[t + 1]])
            back.append(-logits[1][t + 1].log_softmax(-1)[row[t]])
    slow = (torch.stack(there).mean() + torch.stack(back).mean()) / 2
    assert torch.allclose(lm.loss(ids), slow, atol=1e-5)


@pytest.mark.parametrize("useful", [0, 1, 2])
def test_a_task_learns_which_layer_is_useful(useful):
    torch.manual_seed(10)
    y, group = torch.randint(2, (60,)), torch.randint(2, (60,))
    layers = torch.randn(3, 60, 5)
    layers[useful, :, 0] += 4 * y * (1 - 2 * group)  # another sign in each group
    weights = learn_mixture(layers, y, group)
    assert weights.argmax() == useful and weights.sum().item() == pytest.approx(1)
