"""Words and pieces of words, as an uncased BERT cuts them."""

import gzip

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attention.data.files import book_file
from attention.data.wordpiece import WordPiece, pieces_of, words_of
from attention.models.pretrained import load_pretrained, model_folder
from attention.models.winograd import load_schemas

TOKENS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "un",
    "##aff",
    "##able",
    "cat",
    "##s",
    ".",
]


def test_a_word_becomes_the_longest_pieces() -> None:
    known = {token: i for i, token in enumerate(TOKENS)}
    assert pieces_of("unaffable", known, "[UNK]") == ["un", "##aff", "##able"]
    assert pieces_of("cats", known, "[UNK]") == ["cat", "##s"]
    assert pieces_of("unaffected", known, "[UNK]") == ["[UNK]"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Héllo, wörld!", ["hello", ",", "world", "!"]),
        ("didn't", ["didn", "'", "t"]),
        ("a\tb\u00a0c\u0000d", ["a", "b", "cd"]),
        ("价格 $5", ["价", "格", "$", "5"]),
        (" ", []),
    ],
)
def test_words_are_cut_at_spaces_and_signs(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_a_batch_is_padded_and_a_pair_has_two_segments() -> None:
    batch = WordPiece(TOKENS).encode(["cats", ("cat", "cat.")])
    assert batch.ids.tolist() == [[2, 7, 8, 3, 0, 0], [2, 7, 3, 7, 9, 3]]
    assert batch.segments.tolist() == [[0] * 6, [0, 0, 0, 1, 1, 1]]
    assert torch.equal(batch.mask, batch.ids != 0)


def test_a_word_of_more_than_a_hundred_letters_is_unknown() -> None:
    cut = WordPiece([*TOKENS, "a", "##a"])
    assert cut.pieces("a" * 100) == ["a", *["##a"] * 99]
    assert cut.pieces("a" * 101) == ["[UNK]"]


def test_a_vocabulary_without_special_tokens_is_refused() -> None:
    with pytest.raises(ValueError, match=r"lacks \[CLS\]"):
        WordPiece(["[PAD]", "[UNK]"])


@given(st.text(alphabet="aé $'.\u4e00\u0301\tß", max_size=20))
def test_cutting_words_again_changes_nothing(text: str) -> None:
    words = words_of(text)
    assert words_of(" ".join(words)) == words


@pytest.mark.slow
def test_pieces_are_those_of_the_reference() -> None:
    import tokenizers

    theirs = tokenizers.Tokenizer.from_file(str(model_folder() / "tokenizer.json"))
    theirs.no_padding()
    theirs.no_truncation()
    _, ours = load_pretrained()
    with gzip.open(
        book_file("data/film-reviews.tsv.gz"), "rt", encoding="utf-8"
    ) as file:
        texts = [line.split("\t")[1] for line in file][::8]
    texts += [schema.text for schema in load_schemas(285)]
    texts += ["Ünïcode — ‘quotes’ $5 ^ ~ 价格", "x" * 101, "İstanbul ﬁne ①", "a\u200bb"]
    for text in texts:
        assert ours.tokens_of(text) == theirs.encode(text).tokens
    pair = ours.encode([(texts[0], texts[1])])
    expected = theirs.encode(texts[0], texts[1])
    assert pair.ids[0].tolist() == expected.ids
    assert pair.segments[0].tolist() == expected.type_ids
