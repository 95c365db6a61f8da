"""The GRU encoder and decoder, with attention and without."""

import pytest
import torch

from attention.data.batches import make_batch
from attention.data.vocabulary import Vocabulary
from attention.models.recurrent import Encoder, Memory, Summary, Translator

LETTERS = Vocabulary("abcdefg")
PAIRS = [("abc", "ce"), ("fedcbag", "gab"), ("g", "a")]


def model(attention=True):
    torch.manual_seed(3)
    return Translator(
        len(LETTERS), len(LETTERS), embed_size=5, hidden_size=7, attention=attention
    ).eval()


def batch(pairs=PAIRS):
    return make_batch(pairs, LETTERS, LETTERS)


def test_the_encoder_gives_a_state_of_both_directions_for_each_token():
    memory = Encoder(len(LETTERS), 5, 7)(batch().source)
    assert memory.states.shape == (3, 7, 14)
    assert memory.mask.sum(1).tolist() == [3, 7, 1]


def test_the_encoder_agrees_with_a_gru_run_on_each_sentence_alone():
    encoder = Encoder(len(LETTERS), 5, 7)
    memory = encoder(batch().source)
    for i, (text, _) in enumerate(PAIRS):
        ids = torch.tensor([LETTERS.encode(text)])
        states, _ = encoder.rnn(encoder.embed(ids))
        assert torch.allclose(memory.states[i, : len(text)], states[0], atol=1e-6)


def test_the_summary_is_the_last_state_forwards_and_the_first_backwards():
    states = torch.arange(2 * 3 * 4.0).reshape(2, 3, 4)
    mask = torch.tensor([[True, True, True], [True, True, False]])
    context, weights = Summary()(torch.zeros(2, 5), states, mask)
    assert context.tolist() == [[8, 9, 2, 3], [16, 17, 14, 15]]
    assert weights is None


@pytest.mark.parametrize("attention", [True, False])
def test_a_sentence_gets_the_same_logits_alone_as_in_a_batch(attention):
    translator = model(attention)
    together = translator(batch())
    for i, pair in enumerate(PAIRS):
        alone = translator(batch([pair]))[0]
        assert torch.allclose(together[i, : len(alone)], alone, atol=1e-5)


@pytest.mark.parametrize("attention", [True, False])
def test_a_later_target_token_does_not_change_an_earlier_output(attention):
    translator = model(attention)
    one, other = batch([("abc", "cde")]), batch([("abc", "cdf")])
    assert torch.equal(translator(one)[:, :3], translator(other)[:, :3])
    assert not torch.equal(translator(one)[:, 3], translator(other)[:, 3])


def test_the_query_is_the_state_before_the_step():
    decoder = model().decoder
    state, memory = decoder.start(Memory(torch.randn(1, 5, 14), torch.ones(1, 5) > 0))
    looks = [decoder.step(torch.randn(1, 5), state, memory)[2] for _ in range(2)]
    assert torch.equal(*looks)
    expected = decoder.attend(state, memory.states, memory.mask)[1]
    assert torch.allclose(looks[0], expected, atol=1e-6)


def test_a_step_is_a_gru_cell_on_token_and_context():
    decoder = model().decoder
    state, memory = decoder.start(Memory(torch.randn(2, 5, 14), torch.ones(2, 5) > 0))
    token = torch.randn(2, 5)
    context, _ = decoder.attend(state, memory.states, memory.mask)
    expected = decoder.cell(torch.cat([token, context], -1), state)
    found, features, _ = decoder.step(token, state, memory)
    assert torch.allclose(found, expected, atol=1e-6)
    assert torch.allclose(features, torch.cat([expected, context, token], -1))


def test_both_models_differ_in_the_alignment_model_alone():
    names = [{n for n, _ in model(a).named_parameters()} for a in (True, False)]
    assert {n.split(".attend.")[0] for n in names[0] - names[1]} == {"decoder"}
    assert names[1] < names[0]
    assert len(names[0] - names[1]) == 3
