"""The Winograd schemas, and where their candidates stand."""

from itertools import pairwise

import pytest
import torch

from attention.data.wordpiece import WordPiece
from attention.models.bert import BertEncoder
from attention.models.winograd import (
    Schema,
    candidate_weights,
    load_schemas,
    locate,
    pair_numbers,
    pair_starts,
)

WORDS = (
    "[PAD] [UNK] [CLS] [SEP] the ball hit a table it was steel too soft . big".split()
)


@pytest.fixture
def tokenizer() -> WordPiece:
    return WordPiece(WORDS)


def schema(before: str, after: str, *candidates: str) -> Schema:
    return Schema(before, "it", after, (candidates[0], candidates[1]), 0)


def test_there_are_273_and_answers_are_balanced() -> None:
    schemas = load_schemas()
    assert len(schemas) == 273
    assert len(load_schemas(285)) == 285
    assert schemas[3].text.endswith("suitcase because it is too small.")
    assert schemas[3].candidates[schemas[3].answer] == "the brown suitcase"
    assert 0.48 < sum(s.answer for s in schemas) / 273 < 0.52


def test_pronoun_and_candidates_are_found(tokenizer: WordPiece) -> None:
    found = locate(
        schema("the ball hit a table", "was steel.", "The ball", "a table"), tokenizer
    )
    assert found is not None
    assert found.pronoun == 6
    assert found.candidates == (range(1, 3), range(4, 6))


def test_an_article_may_differ_and_the_nearest_mention_counts(
    tokenizer: WordPiece,
) -> None:
    twice = schema(
        "big ball hit the big table ball", "was steel", "a big table", "ball"
    )
    found = locate(twice, tokenizer)
    assert found is not None
    assert found.candidates == (range(5, 7), range(7, 8))


def test_what_is_not_there_is_not_found(tokenizer: WordPiece) -> None:
    assert (
        locate(schema("the ball", "was steel", "the ball", "soft"), tokenizer) is None
    )


def test_the_two_of_a_pair_have_one_number() -> None:
    numbers = pair_numbers(load_schemas())
    assert numbers[:8] == [0, 0, 1, 1, 2, 2, 3, 3]
    assert max(map(numbers.count, numbers)) == 4  # two pairs about the same two


def test_pairs_do_not_overlap_and_their_answers_differ() -> None:
    schemas = load_schemas()
    starts, numbers = pair_starts(schemas), pair_numbers(schemas)
    assert len(starts) == 134
    assert all(b - a > 1 for a, b in pairwise(starts))
    for i in starts:
        assert numbers[i] == numbers[i + 1]
        assert schemas[i].answer != schemas[i + 1].answer


def test_the_weight_is_the_largest_on_a_piece_of_the_candidate(
    tokenizer: WordPiece,
) -> None:
    torch.manual_seed(1)
    encoder = BertEncoder(len(WORDS), 6, 3, 2).eval()
    here = schema("the ball hit a table", "was steel.", "the ball", "a table")
    gone = schema("the ball", "was steel", "the ball", "soft")
    found = candidate_weights([here, gone], encoder, tokenizer)
    assert found.shape == (2, 2, 3, 2)
    assert found[1].isnan().all()
    encoder(*tokenizer.encode([here.text]))
    for layer in range(2):
        for head in range(3):
            row = encoder.weights()[0, layer, head, 6].tolist()
            expected = [max(row[1], row[2]), max(row[4], row[5])]
            assert found[0, layer, head].tolist() == pytest.approx(expected)
