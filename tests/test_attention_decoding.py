"""Greedy decoding and beam search, on a language small enough to list."""

from itertools import product

import pytest
import torch
from torch import Tensor

from attention.models.decoding import beam_search, greedy_decode

START, END = 0, 1


def chain(table: Tensor):  # type: ignore[no-untyped-def]
    """Return a step whose log-probabilities depend on the last token alone."""
    return lambda beams: table[beams[:, -1]]


# Of 0: tokens 2 (.6) and 3 (.4); 2 is followed by 2, 3 or END alike; 3 by END, .9.
TRAP = torch.tensor(
    [
        [0.001, 0.001, 0.6, 0.398],
        [0.25, 0.25, 0.25, 0.25],
        [0.01, 0.33, 0.33, 0.33],
        [0.03, 0.9, 0.03, 0.04],
    ]
).log()


def every(table: Tensor, max_len: int, alpha: float) -> tuple[list[int], float]:
    """Return the best of all sequences, by listing them."""
    found = []
    for n in range(1, max_len + 1):
        for tokens in product(range(len(table)), repeat=n):
            if END in tokens[:-1] or (n < max_len and tokens[-1] != END):
                continue
            logs = [table[a, b] for a, b in zip((START, *tokens), tokens, strict=False)]
            found.append((list(tokens), float(sum(logs)) / n**alpha))
    return max(found, key=lambda beam: beam[1])


def test_two_beams_escape_the_greedy_trap_by_hand() -> None:
    tokens, score = beam_search(chain(TRAP), START, END, 1, 4, alpha=0)
    assert tokens[0] == 2
    tokens, score = beam_search(chain(TRAP), START, END, 2, 4, alpha=0)
    assert tokens == [3, END]
    assert score == pytest.approx(float(torch.tensor(0.398 * 0.9).log()))


@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_a_beam_as_wide_as_the_language_finds_the_best(seed: int, alpha: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    table = torch.randn(5, 5, generator=generator).mul(2).log_softmax(-1)
    tokens, score = beam_search(chain(table), START, END, 1000, 4, alpha)
    expected, best = every(table, 4, alpha)
    assert tokens == expected and score == pytest.approx(best, abs=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_one_beam_is_greedy(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    table = torch.randn(7, 7, generator=generator).log_softmax(-1)
    tokens, _ = beam_search(chain(table), START, END, 1, 6)
    greedy = greedy_decode(
        lambda token, state: (table[token], state), None, torch.tensor([START]), END, 6
    )
    assert tokens == greedy[0].tolist()


def test_division_by_the_length_favours_the_longer() -> None:
    table = torch.full((4, 4), 1e-9)
    table[0, 2], table[0, END] = 0.6, 0.4
    table[2, 3], table[3, END] = 0.8, 0.8  # .6 · .8 · .8 = .384
    short, _ = beam_search(chain(table.log()), START, END, 3, 5, alpha=0)
    long, score = beam_search(chain(table.log()), START, END, 3, 5, alpha=1)
    assert short == [END] and long == [2, 3, END]
    assert score == pytest.approx(float(torch.tensor(0.384).log()) / 3)


def test_of_equal_continuations_the_first_token_wins() -> None:
    table = torch.full((5, 5), 0.2).log()
    assert beam_search(chain(table), START, END, 1, 3)[0] == [0, 0, 0]


def test_a_search_without_room_is_refused() -> None:
    for width, max_len in ((0, 3), (3, 0)):
        with pytest.raises(ValueError, match="at least 1"):
            beam_search(chain(TRAP), START, END, width, max_len)
