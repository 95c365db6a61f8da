"""Batches, the training loop, its progress bar, and what it can learn."""

import math

import pytest
import torch
from torch import nn

from attention.data.batches import batches, make_batch
from attention.data.copying import random_strings
from attention.data.vocabulary import END, PAD, START, UNKNOWN, Vocabulary, pad
from attention.models.recurrent import Translator
from attention.models.translate import bleu, exact_match, follow, translate
from attention.training.checkpoints import load_half, save_half
from attention.training.progress import Progress
from attention.training.translators import sequence_loss, train

LETTERS = Vocabulary("abcde")


def copier(attention=True):
    torch.manual_seed(1)
    return Translator(9, 9, embed_size=7, hidden_size=11, attention=attention)


def test_a_batch_is_padded_and_shifted():
    batch = make_batch([("ab", "c"), ("e", "abd")], LETTERS, LETTERS)
    assert batch.source.tolist() == [[4, 5], [8, PAD]]
    assert batch.given.tolist() == [[START, 6, PAD, PAD], [START, 4, 5, 7]]
    assert batch.target.tolist() == [[6, END, PAD, PAD], [4, 5, 7, END]]


def test_a_pass_through_the_data_shows_each_pair_once():
    pairs = [(s, s) for s in ("a", "ab", "abc", "abcd", "abcde", "e", "ed")]
    shown = batches(pairs, LETTERS, LETTERS, steps=4, size=2, seed=5)
    rows = [LETTERS.decode(row.tolist()) for b in shown for row in b.target]
    assert sorted(map("".join, rows)) == sorted(s for s, _ in pairs)


def test_the_seed_decides_the_order():
    pairs = [(s, s) for s in random_strings(64, [3], seed=1)]
    first, same, other = (
        [
            b.source.tolist()
            for b in batches(pairs, LETTERS, LETTERS, steps=9, size=8, seed=s)
        ]
        for s in (1, 1, 2)
    )
    assert first == same != other


def test_the_loss_of_even_guesses_is_the_logarithm_of_the_tokens():
    target = torch.tensor([[4, 5, END], [4, END, PAD]])
    loss = sequence_loss(torch.zeros(2, 3, 9), target)
    assert loss.item() == pytest.approx(math.log(9))


def test_padding_has_no_part_in_the_loss():
    target = torch.tensor([[4, END, PAD]])
    logits = torch.randn(1, 3, 9, generator=torch.Generator().manual_seed(1))
    changed = logits.clone()
    changed[:, 2] += 7 * torch.arange(9.0)
    assert torch.equal(sequence_loss(logits, target), sequence_loss(changed, target))


def test_the_loss_agrees_with_a_loop():
    target = torch.tensor([[4, 5, END], [4, END, PAD]])
    logits = torch.randn(2, 3, 9, generator=torch.Generator().manual_seed(2))
    terms = [
        -math.log(logits[b, t].softmax(-1)[target[b, t]].item())
        for b in range(2)
        for t in range(3)
        if target[b, t] != PAD
    ]
    expected = sum(terms) / len(terms)
    assert sequence_loss(logits, target).item() == pytest.approx(expected, abs=1e-5)


@pytest.mark.slow
def test_training_lowers_the_loss_and_repeats_with_the_seed():
    pairs = [(s, s) for s in ("ab", "ba", "cab", "deb", "ed", "bad")]
    histories = []
    for _ in range(2):
        model = copier()
        stream = batches(pairs, LETTERS, LETTERS, steps=150, size=6)
        histories.append(
            train(model, stream, steps=150, rate=2e-2, check=lambda: 0.5, every=50)
        )
    assert histories[0].losses == histories[1].losses
    assert histories[0].losses[-1] < 0.1 < histories[0].losses[0]
    assert histories[0].checked_at == [50, 100, 150]
    outputs = translate(model, [s for s, _ in pairs], LETTERS, LETTERS, 9)
    assert exact_match([t.tokens for t in outputs], [t for _, t in pairs]) == 1.0


def test_a_check_sees_the_model_without_dropout():
    model = nn.Sequential(nn.Embedding(9, 9), nn.Dropout(0.5))
    seen = []

    class Forward(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = model

        def forward(self, batch):
            return self.inner(batch.given)

    whole = Forward()

    def check():
        seen.append((model.training, torch.is_grad_enabled()))
        return 0.0

    data = [make_batch([("a", "b")], LETTERS, LETTERS)] * 2
    train(whole, data, steps=2, check=check, every=1)
    assert seen == [(False, False)] * 2
    assert not whole.training


def test_the_progress_bar_leaves_one_line_without_carriage_returns(capsys):
    with Progress(8, "letters", interval=0.0) as progress:
        for step in range(1, 9):
            progress.update(step, f"loss {1 / step:.3f}")
    out = capsys.readouterr().out
    assert out.count("\n") == 1 and "\r" not in out
    assert out.startswith("letters █") and "8/8" in out and "loss 0.125" in out


def test_in_a_notebook_the_bar_and_its_time_are_gone_when_the_training_is(monkeypatch):
    shown = []

    class Handle:
        def update(self, data, raw):
            shown.append(data["text/plain"])

    monkeypatch.setattr("attention.training.progress._notebook_output", Handle)
    with Progress(8, "letters", interval=0.0) as progress:
        progress.update(8, "loss 0.125")
    assert "█" in shown[-2] and "CPU s" in shown[-2]
    assert shown[-1] == "letters: loss 0.125"


def test_paused_time_is_not_counted(monkeypatch):
    now = [1.0]
    monkeypatch.setattr("attention.training.progress.time.process_time", lambda: now[0])
    with Progress(1, "pause") as progress:
        now[0] = 4.0
        with progress.paused():
            now[0] = 100.0
        now[0] = 102.0
    assert progress.seconds == 5.0


def test_translations_have_weights_that_sum_to_one_and_fit_the_tokens():
    texts = ["abc", "e", "deabc"]
    for text, found in zip(
        texts, translate(copier(), texts, LETTERS, LETTERS, 7), strict=True
    ):
        assert found.weights.shape == (len(found.tokens), len(text))
        assert torch.allclose(found.weights.sum(-1), torch.ones(len(found.tokens)))


def test_without_attention_there_are_no_weights():
    [found] = translate(copier(False), ["abc"], LETTERS, LETTERS, 3)
    assert found.weights is None
    with pytest.raises(ValueError, match="without"):
        follow(copier(False), "abc", "cb", LETTERS, LETTERS)


def test_following_its_own_translation_a_model_looks_where_it_looked():
    model = copier().eval()
    nn.init.zeros_(model.decoder.logits.weight)
    model.decoder.logits.bias.data[LETTERS.index["d"]] = 99.0
    [found] = translate(model, ["abc"], LETTERS, LETTERS, 4)
    assert found.tokens == list("dddd")
    rows = follow(model, "abc", "dddd", LETTERS, LETTERS)
    assert torch.allclose(rows, found.weights, atol=1e-6)


def test_exact_match_counts_whole_outputs():
    assert exact_match(["ab", "cd", "e"], ["ab", "ce", "e"]) == pytest.approx(2 / 3)


def test_bleu_of_the_reference_is_100_and_of_another_text_near_0():
    truth = [["il", "met", "la", "veste", "rouge", "."]]
    assert bleu(truth, [truth]) == pytest.approx(100)
    assert bleu([["un", "deux", "trois", "quatre", "cinq"]], [truth]) < 5


def test_an_output_without_a_reference_is_an_error_and_not_left_out():
    truth = ["le", "chat", "dort", "bien", "ici"]
    with pytest.raises(ValueError, match="for 2 outputs, got 1"):
        bleu([truth, ["un"]], [[truth]])


def test_bleu_worked_by_hand():
    # 4 of 5 words, 3 of 4 pairs, 2 of 3 triples, 1 of 2 fours; same length.
    found = bleu([list("abcdx")], [[list("abcde")]])
    by_hand = 100 * (4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25
    assert found == pytest.approx(by_hand, abs=0.01)


def test_more_references_never_lower_bleu():
    one = [[list("abcde")], [list("edcba")]]
    two = [[list("abcde"), list("abcdx")], [list("edcba")]]
    outputs = [list("abcdx"), list("edcbx")]
    assert bleu(outputs, two) > bleu(outputs, one)


def test_weights_come_back_from_half_precision(tmp_path):
    model, other = copier(), Translator(9, 9, embed_size=7, hidden_size=11)
    save_half(model, tmp_path / "weights.npz")
    load_half(other, tmp_path / "weights.npz")
    for name, weight in model.state_dict().items():
        assert torch.equal(other.state_dict()[name], weight.half().float())
    with pytest.raises(RuntimeError, match="size mismatch"):
        load_half(Translator(9, 9, embed_size=5), tmp_path / "weights.npz")


def test_a_vocabulary_reads_back_what_it_wrote():
    numbers = LETTERS.encode("bead")
    assert LETTERS.decode([START, *numbers, END, 4, PAD]) == list("bead")
    assert LETTERS.encode("bz")[1] == UNKNOWN


def test_a_vocabulary_keeps_frequent_tokens_most_frequent_first():
    found = Vocabulary.of(["abb", "bcb", "ca"], at_least=2)
    assert found.tokens[4:] == ["b", "a", "c"]
    with pytest.raises(ValueError, match="more than once"):
        Vocabulary("aba")


def test_rows_are_padded_to_the_longest():
    assert pad([[4], [5, 6, 7]]).tolist() == [[4, PAD, PAD], [5, 6, 7]]
