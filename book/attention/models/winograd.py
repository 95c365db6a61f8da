"""Winograd schemas: sentences whose pronoun takes knowledge to resolve."""

import csv
from typing import NamedTuple

import torch
from torch import Tensor

from attention.data.files import book_file
from attention.data.wordpiece import WordPiece
from attention.models.bert import BertEncoder

WSC273 = 273  # the first 273 are the set that most papers score


class Schema(NamedTuple):
    """A sentence, its pronoun, and two things that the pronoun might mean."""

    before: str
    pronoun: str
    after: str
    candidates: tuple[str, str]
    answer: int  # 0 or 1: the candidate that is meant

    @property
    def text(self) -> str:
        """Return the whole sentence."""
        return f"{self.before} {self.pronoun} {self.after}"


class Located(NamedTuple):
    """Where pronoun and candidates stand among the pieces, [CLS] being 0."""

    pronoun: int
    candidates: tuple[range, range]


def load_schemas(count: int = WSC273) -> list[Schema]:
    """Read the first `count` schemas."""
    file = book_file("data/wsc285.tsv")
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [
        Schema(
            row["before"],
            row["pronoun"],
            row["after"],
            (row["candidate_a"], row["candidate_b"]),
            "AB".index(row["answer"]),
        )
        for row in rows[:count]
    ]


def pair_numbers(schemas: list[Schema]) -> list[int]:
    """Number the groups of neighbours that ask about the same two candidates.

    In a group one or two words change, and with them the answer.
    """
    numbers: list[int] = []
    for i, schema in enumerate(schemas):
        same = i > 0 and _same(schema, schemas[i - 1])
        numbers.append(numbers[-1] if same else len(set(numbers)))
    return numbers


def pair_starts(schemas: list[Schema]) -> list[int]:
    """Return where each pair begins: its other sentence is the next one.

    A group of four holds two pairs; of three, the last stays out.
    """
    starts: list[int] = []
    groups = pair_numbers(schemas)
    for i in range(1, len(schemas)):
        if groups[i] == groups[i - 1] and starts[-1:] != [i - 2]:
            starts.append(i - 1)
    return starts


def _same(one: Schema, other: Schema) -> bool:
    """Say whether two schemas have the same candidates, in any spelling of case."""
    return [c.lower() for c in one.candidates] == [c.lower() for c in other.candidates]


def locate(schema: Schema, tokenizer: WordPiece) -> Located | None:
    """Find the pieces of the pronoun and of both candidates.

    A candidate is looked for in front of the pronoun first, the nearest mention of it,
    then behind; without its article if need be. None if one can't be found.
    """
    before, after = tokenizer.pieces(schema.before), tokenizer.pieces(schema.after)
    pieces = ["[CLS]", *before, *tokenizer.pieces(schema.pronoun), *after, "[SEP]"]
    pronoun = 1 + len(before)
    spans = [_find(name, pieces, pronoun, tokenizer) for name in schema.candidates]
    if spans[0] is None or spans[1] is None:
        return None
    return Located(pronoun, (spans[0], spans[1]))


def _find(
    name: str, pieces: list[str], pronoun: int, tokenizer: WordPiece
) -> range | None:
    """Return where a candidate stands, or None."""
    wanted = tokenizer.pieces(name)
    if len(wanted) > 1 and wanted[0] in ("the", "a", "an", "his", "her", "their", "my"):
        versions = [wanted, wanted[1:]]
    else:
        versions = [wanted]
    for version in versions:
        n = len(version)
        starts = [i for i in range(len(pieces)) if pieces[i : i + n] == version]
        starts = [i for i in starts if not i <= pronoun < i + n]
        if starts:
            near = min(starts, key=lambda i: (i > pronoun, abs(pronoun - i)))
            return range(near, near + n)
    return None


def candidate_weights(
    schemas: list[Schema], encoder: BertEncoder, tokenizer: WordPiece
) -> Tensor:
    """Return how much the pronoun attends to each candidate, in each head.

    Returns:
        (schemas, layers, heads, 2): the largest weight on a piece of the candidate, so
        that a long name has no advantage but more chances; NaN where `locate` fails.

    """
    rows = []
    for schema in schemas:
        ids, segments, mask = tokenizer.encode([schema.text])
        with torch.no_grad():
            encoder(ids, segments, mask)
        weights = encoder.weights()[0]  # (layers, heads, n, n)
        place = locate(schema, tokenizer)
        if place is None:
            rows.append(torch.full((*weights.shape[:2], 2), torch.nan))
            continue
        on = weights[:, :, place.pronoun]
        rows.append(
            torch.stack([on[..., list(c)].amax(-1) for c in place.candidates], -1)
        )
    return torch.stack(rows)
