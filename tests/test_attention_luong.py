"""Luong's scores, and the decoder that steps first and then looks."""

import pytest
import torch

from attention.data.batches import make_batch
from attention.data.vocabulary import START, Vocabulary
from attention.mechanisms.additive import additive_scores
from attention.mechanisms.scores import concat_score, dot_score, general_score
from attention.models.luong import LuongAttention, LuongTranslator
from attention.models.recurrent import Memory, Translator
from attention.models.translate import exact_match, follow, translate
from attention.training.translators import sequence_loss, train

LETTERS = Vocabulary("abcdefg")
PAIRS = [("abc", "ce"), ("fedcbag", "gab"), ("g", "a")]
KINDS = [
    {"score": "dot"},
    {"score": "general"},
    {"score": "concat"},
    {"score": "general", "window": "monotonic", "half_width": 2},
    {"score": "dot", "window": "predictive", "half_width": 2},
]
each_kind = pytest.mark.parametrize(
    "kind", KINDS, ids=lambda k: "-".join(map(str, k.values()))
)
each_feeding = pytest.mark.parametrize("feeding", [True, False], ids=["fed", "not-fed"])


def model(kind, feeding=True):
    torch.manual_seed(3)
    return LuongTranslator(
        len(LETTERS), len(LETTERS), embed_size=5, hidden_size=7,
        input_feeding=feeding, **kind,
    ).eval()  # fmt: skip


def batch(pairs=PAIRS):
    return make_batch(pairs, LETTERS, LETTERS)


def test_scores_by_hand():
    query, keys = torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 1.0], [0.0, -1.0]])
    assert dot_score(query, keys).tolist() == [[5, -2]]
    W = torch.tensor([[0.0, 1.0], [2.0, 0.0]])
    assert general_score(query, keys, W).tolist() == [[13, -1]]
    both = torch.cat([torch.eye(2), torch.eye(2)])
    found = concat_score(query, keys, both, torch.tensor([1.0, 0.0]))
    assert torch.allclose(found, torch.tensor([[4.0, 1.0]]).tanh())


def test_scores_agree_with_loops_over_pairs():
    g = torch.Generator().manual_seed(1)
    query, keys = torch.randn(2, 3, 5, generator=g), torch.randn(2, 7, 11, generator=g)
    W, W_c = torch.randn(5, 11, generator=g), torch.randn(16, 13, generator=g)
    v = torch.randn(13, generator=g)
    general, concat = general_score(query, keys, W), concat_score(query, keys, W_c, v)
    assert general.shape == concat.shape == (2, 3, 7)
    for b in range(2):
        for t in range(3):
            for i in range(7):
                q, k = query[b, t], keys[b, i]
                assert torch.allclose(general[b, t, i], q @ W @ k, atol=1e-4)
                expected = v @ torch.tanh(torch.cat([q, k]) @ W_c)
                assert torch.allclose(concat[b, t, i], expected, atol=1e-4)


def test_general_with_the_identity_is_dot_and_concat_is_additive():
    query, keys = torch.randn(3, 5), torch.randn(7, 5)
    same = general_score(query, keys, torch.eye(5))
    assert torch.allclose(same, dot_score(query, keys), atol=1e-6)
    W, v = torch.randn(10, 11), torch.randn(11)
    expected = additive_scores(query, keys, W[:5], W[5:], v)
    assert torch.allclose(concat_score(query, keys, W, v), expected, atol=1e-6)


@pytest.mark.parametrize("score", ["general", "concat"])
def test_the_module_agrees_with_the_functions(score):
    attend = LuongAttention(5, 11, score)
    query, keys = torch.randn(2, 3, 5), torch.randn(2, 7, 11)
    if score == "general":
        expected = general_score(query, keys, attend.W_k.weight / 5**0.5)
    else:
        W = torch.cat([attend.W_q.weight.T, attend.W_k.weight.T])
        expected = concat_score(query, keys, W, attend.v.weight[0])
    assert torch.allclose(
        attend.scores(query, attend.prepare(keys)), expected, atol=1e-5
    )


def test_dot_adds_the_two_directions_to_make_a_key():
    query, states = torch.randn(2, 3, 5), torch.randn(2, 7, 10)
    attend = LuongAttention(5, 10, "dot")
    assert not list(attend.parameters())
    expected = dot_score(query, states[..., :5] + states[..., 5:])
    assert torch.allclose(attend.scores(query, attend.prepare(states)), expected)


def test_a_window_hides_the_rest_and_an_empty_one_gives_nothing():
    attend = LuongAttention(5, 10, "dot", "monotonic", half_width=1)
    memory = Memory(torch.randn(1, 7, 10), torch.ones(1, 7) > 0)
    context, weights = attend(torch.randn(1, 9, 5), memory, torch.arange(9))
    assert torch.allclose(weights[0, :8].sum(-1), torch.ones(8))
    for t in range(9):
        seen = weights[0, t].nonzero().flatten().tolist()
        assert seen == [i for i in (t - 1, t, t + 1) if 0 <= i < 7]
    assert context[0, 8].eq(0).all()


def test_predicted_windows_do_not_sum_to_one():
    attend = LuongAttention(5, 10, "general", "predictive", half_width=2)
    memory = Memory(torch.randn(3, 7, 10), torch.ones(3, 7) > 0)
    _, weights = attend(torch.randn(3, 4, 5), memory, torch.arange(4))
    assert (weights.sum(-1) < 0.999).all() and (weights.sum(-1) > 0).all()


@each_feeding
@each_kind
def test_a_sentence_gets_the_same_logits_alone_as_in_a_batch(kind, feeding):
    translator = model(kind, feeding)
    together = translator(batch())
    for i, pair in enumerate(PAIRS):
        alone = translator(batch([pair]))[0]
        assert torch.allclose(together[i, : len(alone)], alone, atol=1e-5)


@each_feeding
@each_kind
def test_steps_give_what_training_gives(kind, feeding):
    translator, data = model(kind, feeding), batch()
    state, rows = translator.start(data.source), []
    for token in data.given.unbind(1):
        logits, state, weights = translator.step(token, state)
        rows.append(logits)
        assert weights.shape == (3, 7)
    assert torch.allclose(torch.stack(rows, 1), translator(data), atol=1e-5)


@each_feeding
def test_a_later_target_token_does_not_change_an_earlier_output(feeding):
    translator = model(KINDS[1], feeding)
    one, other = batch([("abc", "cde")]), batch([("abc", "cdf")])
    assert torch.allclose(translator(one)[:, :3], translator(other)[:, :3], atol=1e-6)
    assert not torch.allclose(translator(one)[:, 3], translator(other)[:, 3])


def test_the_query_is_the_state_after_the_step():
    translator = model(KINDS[1])
    state = translator.start(batch().source)
    tokens = torch.tensor([START, 5, 6])
    _, after, weights = translator.step(tokens, state)
    _, _, other = translator.step(torch.tensor([4, 4, 4]), state)
    assert not torch.allclose(weights, other)  # the last token has moved the query
    attend, now = translator.decoder.attend, torch.zeros(1)
    context, expected = attend(after.hidden.unsqueeze(1), after.memory, now)
    assert torch.allclose(weights, expected[:, 0], atol=1e-6)
    joined = torch.cat([context[:, 0], after.hidden], -1)
    expected = torch.tanh(joined @ translator.decoder.combine.weight.T)
    assert torch.allclose(after.attentional, expected, atol=1e-6)


@each_feeding
def test_input_feeding_alone_lets_the_last_look_into_the_next_step(feeding):
    translator = model(KINDS[1], feeding)
    state = translator.start(batch().source)
    other = state._replace(attentional=torch.ones_like(state.attentional))
    token = torch.tensor([START] * 3)
    same = torch.equal(
        translator.step(token, state)[0], translator.step(token, other)[0]
    )
    assert same != feeding


def test_the_encoder_is_the_one_of_chapter_four():
    shapes = [
        {n: w.shape for n, w in m.encoder.named_parameters()}
        for m in (model(KINDS[0]), Translator(11, 11, embed_size=5, hidden_size=7))
    ]
    assert shapes[0] == shapes[1]


@each_kind
def test_every_weight_gets_a_gradient(kind):
    translator = model(kind)
    sequence_loss(translator(batch()), batch().target).backward()
    for name, weight in translator.named_parameters():
        assert weight.grad is not None and weight.grad.abs().sum() > 0, name


def test_it_learns_translates_and_can_be_followed():
    translator = model(KINDS[1], feeding=False)
    train(translator, [batch()] * 100, steps=100, rate=2e-2)
    written = translate(translator, [s for s, _ in PAIRS], LETTERS, LETTERS, 5)
    assert exact_match([w.tokens for w in written], [t for _, t in PAIRS]) == 1
    looked = follow(translator, *PAIRS[1], LETTERS, LETTERS)
    assert torch.allclose(looked, written[1].weights, atol=1e-5)


def openness_after_adam(divisor, steps=5, size=128):
    """Return the entropy of the weights over log n after a few steps."""
    torch.manual_seed(3)
    n = len(LETTERS)
    translator = LuongTranslator(n, n, embed_size=16, hidden_size=size)
    translator.decoder.attend.query_size = divisor  # its root divides the score
    copies = batch([(text, text) for text in ("gfedcbabcde", "aabbccddeef")])
    train(translator, [copies] * steps, steps=steps, schedule=lambda step: 8e-3)
    looked = follow(translator, "abcdefgabcd", "abcdefgabcd", LETTERS, LETTERS)
    return (torch.special.entr(looked).sum(-1) / torch.tensor(11.0).log()).mean()


def test_a_few_steps_of_adam_leave_the_softmax_open_thanks_to_the_divisor():
    # measured: 0.98 with the divisor, 0.17 without
    assert openness_after_adam(divisor=128) > 0.8
    assert openness_after_adam(divisor=1) < 0.4


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: dot_score(torch.ones(2, 3), torch.ones(5, 7)),
         r"keys: expected \(\.\.\., n, 3\), got \(5, 7\)"),
        (lambda: general_score(torch.ones(2, 3), torch.ones(5, 7), torch.ones(7, 3)),
         r"W: expected \(3, 7\), got \(7, 3\)"),
        (lambda: concat_score(torch.ones(2, 3), torch.ones(5, 7), torch.ones(3, 11),
                              torch.ones(11)), r"W: expected \(10, 11\)"),
        (lambda: LuongAttention(5, 10, "cosine"), "expected dot, general or concat"),
        (lambda: LuongAttention(5, 10, "dot", "soft"), "expected None, monotonic"),
        (lambda: LuongAttention(5, 11, "dot"), "expected 5 or 10, got 11"),
    ],
)  # fmt: skip
def test_sizes_that_do_not_fit_are_said(call, message):
    with pytest.raises(ValueError, match=message):
        call()
