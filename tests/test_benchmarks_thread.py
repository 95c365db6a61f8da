"""The benchmark behind the growing table: its plan, its rule for rates, its looks."""

import json

import pytest
import torch

from attention.data.vocabulary import Vocabulary
from attention.models.luong import LuongTranslator
from attention.models.recurrent import Translator
from attention.models.transformer import Transformer
from attention.models.translate import follow
from benchmarks import thread

LETTERS = Vocabulary("abcdefg")
TEXTS, TRUTHS = ["abcdefg", "abc", "gfedc"], ["ab", "abcde", "gfe"]


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(thread, "DATA", tmp_path)
    monkeypatch.setattr(thread, "FILE", tmp_path / "thread.json")
    return thread.FILE


@pytest.mark.parametrize("kind", [Translator, LuongTranslator, Transformer])
def test_looking_at_many_sentences_is_following_each(kind):
    torch.manual_seed(1)
    model = kind(len(LETTERS), len(LETTERS)).eval()
    many = thread.look(model, TEXTS, TRUTHS, LETTERS, LETTERS)
    for text, truth, weights in zip(TEXTS, TRUTHS, many, strict=True):
        alone = follow(model, text, truth, LETTERS, LETTERS)
        assert weights.shape == (len(truth), len(text))
        torch.testing.assert_close(weights, alone, atol=1e-5, rtol=0)


def test_a_model_without_attention_looks_nowhere():
    model = Translator(len(LETTERS), len(LETTERS), attention=False)
    assert thread.look(model, TEXTS, TRUTHS, LETTERS, LETTERS) is None


def test_rows_are_moved_to_the_word_that_was_just_read(monkeypatch):
    looks = torch.eye(5)[[0, 0, 1, 2]]  # one word late from step 1 on
    monkeypatch.setattr(thread, "look", lambda *a: [looks])
    links = [[{0}, {1}, {2}, {3}]]
    found = thread.errors(None, ["abcde"], ["abcd"], links, LETTERS, LETTERS)
    assert found == {"alignment_error": 0.75, "alignment_error_moved": 0.0}


@pytest.mark.parametrize("best", [1e-3, 4e-3, 32e-3])
def test_the_rate_is_the_lowest_of_a_valley_wherever_it_lies(best, monkeypatch):
    monkeypatch.setattr(thread, "short_run", lambda t, c, rate: abs(rate - best))
    found = thread.choose_rate("dates", "03")
    assert found["rate"] == best
    assert {f"{rate:g}" for rate in (best / 2, best, best * 2)} <= set(found["losses"])


@pytest.mark.parametrize("task", thread.SETUP)
def test_models_are_about_as_large_as_each_other(task, monkeypatch):
    sizes = {"dates": (146, 15), "pairs": (2141, 2744)}[task]
    counts = [
        sum(p.numel() for p in make(*sizes, thread.SETUP[task]).parameters())
        for _, make in thread.MODELS.values()
    ]
    assert max(counts) < 1.15 * min(counts)


def measured(monkeypatch):
    """Put quick stand-ins in place of all that takes time."""
    paces = {"03": 1.0, "04": 2.0, "05": 1.0, "09": 0.5}
    monkeypatch.setattr(thread, "pace", lambda task: {"times": paces})
    monkeypatch.setattr(thread, "choose_rate", lambda task, chapter: {"rate": 0.01})
    runs = []

    def run(task, chapter, given, seed):
        runs.append((task, chapter, given["steps"], seed))
        return {"exact_match": 0.5}

    monkeypatch.setattr(thread, "run", run)
    return runs


def test_all_parts_are_measured_and_all_models_listed(file, monkeypatch):
    runs = measured(monkeypatch)
    thread.main()
    found = json.loads(file.read_text())
    assert list(found["models"]) == list(thread.MODELS)
    assert list(found["parts"]) == [part.name for part in thread.plan()]
    assert len(runs) == 7 * 3 + 4 * 3 + 3 * 1  # dates; pairs by steps, by seconds


def test_equal_seconds_are_half_the_steps_for_a_model_that_takes_twice_as_long(
    file, monkeypatch
):
    runs = measured(monkeypatch)
    thread.main()
    steps = thread.SETUP["pairs"]["steps"]
    assert ("pairs", "04", steps // 2, 4) in runs
    assert ("pairs", "09", steps * 2, 4) in runs


def test_what_is_there_is_not_measured_again(file, monkeypatch):
    measured(monkeypatch)
    thread.main(["--only", "dates"])
    runs = measured(monkeypatch)
    thread.main(["--missing"])
    assert {task for task, *_ in runs} == {"pairs"}


def test_a_model_is_listed_when_all_its_parts_are_there(file, monkeypatch):
    measured(monkeypatch)
    thread.main(["--only", "pace", "--only", "/03"])
    assert list(json.loads(file.read_text())["models"]) == ["03"]
