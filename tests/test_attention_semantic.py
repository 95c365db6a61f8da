"""Search by meaning and by words, heads' habits, and what is stored of the encoder."""

import re

import numpy as np
import pytest
import torch

from attention.data.files import BOOK
from attention.data.wordpiece import WordPiece
from attention.models import pretrained, shown
from attention.models.bert import BertEncoder
from attention.models.habits import LOOKED_AT, attention_maps, head_habits
from attention.models.semantic import (
    load_entries,
    load_questions,
    overlap_scores,
    parse_glossary,
    recall,
    sentence_vectors,
)

WORDS = "[PAD] [UNK] [CLS] [SEP] the cat drinks milk a dog".split()
GLOSSARY = BOOK / "glossary.md"


@pytest.fixture
def small() -> tuple[BertEncoder, WordPiece]:
    torch.manual_seed(1)
    return BertEncoder(len(WORDS), 6, 3, 2).eval(), WordPiece(WORDS)


def test_a_vector_does_not_depend_on_its_neighbours(small) -> None:
    texts = ["the cat drinks milk", "a dog", "the dog drinks", "milk"]
    together = sentence_vectors(texts, *small, size=3)
    alone = torch.cat([sentence_vectors([text], *small) for text in texts])
    assert torch.allclose(together, alone, atol=1e-5)
    assert torch.allclose(together.norm(dim=-1), torch.ones(4))


def test_overlap_by_hand() -> None:
    scores = overlap_scores(["cat", "milk dog", "horse"], ["cat milk", "dog", "cat"])
    rare, common = np.log(3), np.log(3 / 2)
    long = np.hypot(rare, common)  # of "cat milk"
    expected = [[common / long, 0, 1], [rare / long / 2**0.5, 1 / 2**0.5, 0], [0, 0, 0]]
    assert torch.allclose(scores, torch.tensor(expected, dtype=torch.float32))


def test_recall_counts_the_best_k_and_nothing_found_is_not_right() -> None:
    scores = torch.tensor([[0.9, 0.1, 0.5], [0.2, 0.3, 0.1], [0.0, 0.0, 0.0]])
    right = torch.tensor([0, 0, 0])
    assert recall(scores, right, 1) == pytest.approx(1 / 3)
    assert recall(scores, right, 2) == pytest.approx(2 / 3)
    assert recall(scores, right, 3) == pytest.approx(2 / 3)


def test_a_glossary_becomes_plain_text() -> None:
    key = "key\n  See {term}`values <value>`\n  and {term}`query`, $d_k$.\n"
    page = f"x\n```{{glossary}}\n{key}\nhop\n  *One* step.\n```\n"
    assert parse_glossary(page) == {
        "key": "See values and query, d_k .",
        "hop": "One step.",
    }


def test_every_term_of_the_glossary_is_parsed() -> None:
    page = GLOSSARY.read_text("utf-8")
    found = parse_glossary(page)
    assert list(found) == re.findall(r"^(\S.*)\n  \S", page, re.M)
    assert not [text for text in found.values() if re.search(r"[`{}<]", text)]


def test_each_question_is_asked_once_and_answered_by_a_term_of_both_copies() -> None:
    questions = load_questions()
    assert len(questions) >= 20
    assert len({question for question, _ in questions}) == len(questions)
    terms = {term for _, term in questions}
    assert terms <= set(load_entries())
    assert terms <= set(parse_glossary(GLOSSARY.read_text("utf-8")))


def test_habits_are_those_of_a_loop(small) -> None:
    texts = ["the cat drinks milk", "a dog drinks"]
    found = head_habits(texts, *small)
    assert found.shape == (2, 3, len(LOOKED_AT))
    expected = []
    for text in texts:
        maps = attention_maps(text, *small)
        n = maps.shape[-1]
        words = range(1, n - 1)
        lists = [
            [maps[..., i, i - 1] for i in words if i > 1],
            [maps[..., i, i + 1] for i in words if i < n - 2],
            [maps[..., i, i] for i in words],
            [maps[..., i, 0] for i in words],
            [maps[..., i, n - 1] for i in words],
        ]
        expected.append(torch.stack([torch.stack(w).mean(0) for w in lists], -1))
    assert torch.allclose(found, torch.stack(expected).mean(0), atol=1e-6)


def test_without_the_package_what_is_stored_is_shown(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(pretrained, "PACKAGE", "no_such_package")
    path = tmp_path / "stored.npz"
    np.savez(path, one=np.array([0.5, 0.25], dtype=np.float16))
    found = shown.from_encoder("one", lambda *_: torch.zeros(2), path)
    assert found.tolist() == [0.5, 0.25]
    assert "read from stored.npz" in capsys.readouterr().out


@pytest.mark.parametrize("value", [[0.5, 0.3], [0.5], [0.5, float("nan")]])
def test_stored_numbers_that_differ_are_refused(monkeypatch, tmp_path, value) -> None:
    monkeypatch.setattr(shown, "is_installed", lambda: True)
    monkeypatch.setattr(shown, "load_pretrained", lambda: (None, None))
    path = tmp_path / "stored.npz"
    np.savez(path, one=np.array([0.5, 0.25], dtype=np.float16))
    shown.from_encoder("one", lambda *_: torch.tensor([0.5004, 0.25]), path)
    with pytest.raises(AssertionError, match="does not agree"):
        shown.from_encoder("one", lambda *_: torch.tensor(value), path)


def test_what_is_stored_is_small() -> None:
    assert shown.STORED.stat().st_size < 2 * 2**20
