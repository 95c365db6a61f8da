"""Every task as sequences of tokens."""

import pytest

from attention.data.gpt_inputs import gpt_inputs

SPECIAL = {"start": 1, "delimiter": 2, "extract": 3}


@pytest.mark.parametrize(
    ("task", "texts", "expected"),
    [
        ("classification", [[7, 8]], [[1, 7, 8, 3]]),
        ("entailment", [[7, 8], [9]], [[1, 7, 8, 2, 9, 3]]),
        ("similarity", [[7, 8], [9]], [[1, 7, 8, 2, 9, 3], [1, 9, 2, 7, 8, 3]]),
        ("choice", [[7], [8], [9, 9]], [[1, 7, 2, 8, 3], [1, 7, 2, 9, 9, 3]]),
    ],
)
def test_each_task_by_hand(task, texts, expected):
    assert gpt_inputs(task, texts, SPECIAL) == expected


def test_tokens_may_be_words():
    special = {"start": "<s>", "delimiter": "$", "extract": "<e>"}
    found = gpt_inputs("entailment", [["it", "rains"], ["wet"]], special)
    assert found == [["<s>", "it", "rains", "$", "wet", "<e>"]]


def test_a_choice_has_a_sequence_for_each_answer():
    found = gpt_inputs("choice", [[5, 6], [7], [8], [9], [4]], SPECIAL)
    assert len(found) == 4 and all(row[:4] == [1, 5, 6, 2] for row in found)


@pytest.mark.parametrize(
    ("task", "n"),
    [("classification", 2), ("entailment", 1), ("similarity", 3), ("choice", 2)],
)
def test_the_number_of_texts_must_fit(task, n):
    with pytest.raises(ValueError, match=f"{task}: expected"):
        gpt_inputs(task, [[7]] * n, SPECIAL)


def test_an_unknown_task_is_refused():
    with pytest.raises(ValueError, match="no 'poetry' among classification"):
        gpt_inputs("poetry", [[7]], SPECIAL)
