"""The whole Transformer: what each position may see, and how it writes."""

import pytest
import torch

from attention.data.batches import batches, make_batch
from attention.data.vocabulary import PAD, START, Vocabulary
from attention.models.transformer import Transformer
from attention.models.translate import exact_match, follow, translate
from attention.training.translators import train

VOCABULARY = Vocabulary("abcdefg")
TEXTS = [list("abc"), list("gfeda"), list("bb")]


def make(pre_norm: bool = True, **options: int) -> Transformer:
    torch.manual_seed(9)
    sizes = {"d_model": 6, "h": 3, "d_ff": 11, "layers": 2, **options}
    n = len(VOCABULARY)
    return Transformer(n, n, pre_norm=pre_norm, **sizes).eval()


@pytest.mark.parametrize("pre_norm", [True, False])
def test_forward_gives_logits_for_each_target(pre_norm: bool) -> None:
    batch = make_batch([(t, t) for t in TEXTS], VOCABULARY, VOCABULARY)
    assert make(pre_norm)(batch).shape == (3, 6, len(VOCABULARY))


@pytest.mark.parametrize("pre_norm", [True, False])
def test_a_token_changes_no_logits_before_it(pre_norm: bool) -> None:
    model, source = make(pre_norm), torch.tensor([[4, 5, 6, 7, 8]])
    given = torch.tensor([[START, 4, 5, 6, 7, 8, 9]])
    before = model.decode(given, *model.encode(source))
    for place in range(1, 7):
        other = given.clone()
        other[0, place] = 10
        after = model.decode(other, *model.encode(source))
        assert torch.allclose(before[:, :place], after[:, :place], atol=1e-6)
        assert not torch.allclose(before[:, place:], after[:, place:], atol=1e-3)


def test_padding_changes_nothing() -> None:
    model = make()
    together = make_batch([(t, t) for t in TEXTS], VOCABULARY, VOCABULARY)
    logits = model(together)
    for i, text in enumerate(TEXTS):
        alone = model(make_batch([(text, text)], VOCABULARY, VOCABULARY))[0]
        assert torch.allclose(logits[i, : len(alone)], alone, atol=1e-5)


def test_steps_give_what_forward_gives() -> None:
    model = make()
    batch = make_batch([(t, t) for t in TEXTS], VOCABULARY, VOCABULARY)
    expected, state, kept = model(batch), model.start(batch.source), []
    looked = model.weights("cross")[-1].mean(1)
    for t, token in enumerate(batch.given.unbind(1)):
        logits, state, weights = model.step(token, state)
        kept.append(logits)
        assert torch.allclose(weights, looked[:, t], atol=1e-6)
        assert weights[batch.source == PAD].eq(0).all()
    assert torch.allclose(torch.stack(kept, dim=1), expected, atol=1e-5)


def test_a_state_can_be_used_twice() -> None:
    model = make()
    state = model.start(torch.tensor([[4, 5, 6]]))
    once, _, _ = model.step(torch.tensor([START]), state)
    again, _, _ = model.step(torch.tensor([START]), state)
    assert torch.equal(once, again) and state.given.shape == (1, 0)


def test_without_positions_the_order_of_the_source_is_not_seen() -> None:
    model, given = make(), torch.tensor([[START, 4]])
    one, other = torch.tensor([[4, 5, 6, 7]]), torch.tensor([[7, 5, 4, 6]])
    assert not torch.allclose(
        model.decode(given, *model.encode(one)),
        model.decode(given, *model.encode(other)),
        atol=1e-3,
    )
    model.positions = torch.zeros_like(model.positions)
    assert torch.allclose(
        model.decode(given, *model.encode(one)),
        model.decode(given, *model.encode(other)),
        atol=1e-5,
    )


def test_weights_of_all_three_kinds_sum_to_one() -> None:
    model = make()
    batch = make_batch([(list("abcd"), list("ab"))], VOCABULARY, VOCABULARY)
    with pytest.raises(ValueError, match="before the first call"):
        model.weights("encoder")
    model(batch)
    shapes = {"encoder": (4, 4), "decoder": (3, 3), "cross": (3, 4)}
    for kind, shape in shapes.items():
        weights = model.weights(kind)
        assert weights.shape == (2, 1, 3, *shape)
        assert torch.allclose(weights.sum(-1), torch.ones(weights.shape[:-1]))
    assert model.weights("decoder")[..., 0, 1:].eq(0).all()
    with pytest.raises(KeyError):
        model.weights("source")


def test_too_long_a_sequence_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 3 tokens, got 5"):
        make(longest=3).encode(torch.tensor([[4, 5, 6, 7, 8]]))


@pytest.mark.slow
def test_it_learns_to_reverse() -> None:
    torch.manual_seed(9)
    texts = [
        "".join(VOCABULARY.tokens[4:][i] for i in row)
        for row in torch.randint(0, 7, (2000, 5)).tolist()
    ]
    data = [(list(t), list(t[::-1])) for t in texts]
    model = make(d_model=24, d_ff=48)
    stream = batches(data[100:], VOCABULARY, VOCABULARY, steps=300)
    train(model, stream, steps=300, rate=4e-3)
    sources, targets = zip(*data[:100], strict=True)
    outputs = translate(model, sources, VOCABULARY, VOCABULARY, 8)
    assert exact_match([t.tokens for t in outputs], targets) > 0.9
    text, truth = data[0]
    assert follow(model, text, truth, VOCABULARY, VOCABULARY).shape == (5, 5)
