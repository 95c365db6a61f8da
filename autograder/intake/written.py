"""Find written answers that do not stand in their cells.

A person marks a written answer, so a doubt costs a look and no mark. An unanswered
question takes the student's own texts that stand near it: between the cells of code
before and behind it, or at the end of the notebook; of several questions, the nearest.
Elsewhere a text is a heading, a name or a note on another exercise, unless it is as
long as an answer. Where one question has a text, a person looks anyway, and decides on
those without one, too. A notebook in which nothing was written waits for nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from autograder.intake.own_texts import OwnText
from autograder.model.assignment import Assignment, Cell
from autograder.model.submission import Attachments, Found

LONG = 80  # bytes of letters, some sixteen words: no name, no heading
FEW_COPIES = 10
REFERENCE = re.compile(r"(?<=attachment:)[^()\s\"'<>]+")


@dataclass(frozen=True)
class FoundAnswer:
    """What is put into the cell of a question, and what the instructor is told."""

    source: str
    flag: str
    attachments: Attachments = field(default_factory=dict)


@dataclass(frozen=True)
class FoundAnswers:
    """The answers by question, and the cells whose whole text was moved there."""

    by_question: dict[str, FoundAnswer] = field(default_factory=dict)
    moved: frozenset[int] = frozenset()


def find_answers(
    found: list[Found],
    assignment: Assignment,
    pieces: list[OwnText],
    unanswered: Mapping[str, int | None],
) -> FoundAnswers:
    """Return answers to the questions of which no cell, or an empty one, was found.

    `unanswered` has the position of the empty cell, if there is one.
    """
    seeker = Seeker(found, assignment, unanswered)
    taken = seeker.share_out(pieces)
    answers = {q: seeker.put_together(q, own) for q, own in taken.items() if own}
    answered = {cell.id for cell in seeker.questions} - set(unanswered)
    with_text = sorted(answered | set(answers), key=seeker.order.__getitem__)
    for question in unanswered:
        if question not in answers and with_text:
            answers[question] = point_to(question, with_text)
        elif question not in answers and (far := seeker.find_far(pieces)):
            answers[question] = point_to(question, [seeker.name(p) for p in far])
    moved = {p.position for own in taken.values() for p in own if not p.copied}
    return FoundAnswers(answers, frozenset(p for p in moved if p is not None))


class Seeker:
    """The steps of finding answers in one notebook."""

    def __init__(
        self,
        found: list[Found],
        assignment: Assignment,
        unanswered: Mapping[str, int | None],
    ) -> None:
        self.found = found
        self.cells = assignment.cells
        self.unanswered = unanswered
        self.order = {cell.id: n for n, cell in enumerate(self.cells)}
        self.questions = [c for c in self.cells if c.role == "written" and c.text]

    def share_out(self, pieces: list[OwnText]) -> dict[str, list[OwnText]]:
        """Return the pieces that each unanswered question takes."""
        taken: dict[str, list[OwnText]] = {question: [] for question in self.unanswered}
        for piece in pieces:
            near = [q for q in taken if self.is_near(piece, q)]
            if near:
                taken[min(near, key=lambda q: self.distance(piece, q))].append(piece)
        far = self.find_far(pieces)
        empty = [question for question, own in taken.items() if not own]
        if len(far) == 1 and len(empty) == len(taken) > 0:
            taken[min(empty, key=lambda q: self.distance(far[0], q))] = far
        return taken

    def find_far(self, pieces: list[OwnText]) -> list[OwnText]:
        """Return the texts near no unanswered question that are as long as answers."""
        return [
            p
            for p in pieces
            if p.size >= LONG
            and not p.copied
            and not any(self.is_near(p, q) for q in self.unanswered)
        ]

    def is_near(self, piece: OwnText, question: str) -> bool:
        """Whether a text stands where an answer to a question is expected."""
        place = self.order[question]
        code = [n for n, cell in enumerate(self.cells) if not cell.text]
        first = max((n for n in code if n < place), default=-1)
        end = min((n for n in code if n > place), default=len(self.cells))
        at_the_end = piece.anchor >= len(self.cells) - 1 and not piece.copied
        return first <= piece.anchor < end or at_the_end

    def distance(self, piece: OwnText, question: str) -> float:
        """Return how far a text is from a question: a text's own question is nearer."""
        return abs(piece.anchor + 0.25 - self.order[question])

    def put_together(self, question: str, pieces: list[OwnText]) -> FoundAnswer:
        """Return the texts that were found as one answer, with a word about where."""
        places = list(dict.fromkeys(self.tell_place(p, question) for p in pieces))
        where = " and ".join(places)
        verb = "Copied" if all(p.copied for p in pieces) else "Moved"
        own = where.replace("its cell", "the answer's cell")
        own = own.replace("its question", "the question")
        told = f"**{verb} here by the grader:** this text stood {own}."
        texts, attachments = join_pieces(
            (p.source, self.found[p.position].attachments) for p in pieces
        )
        flag = f"written {question!r} was found {where}"
        return FoundAnswer("\n\n".join([told, *texts]), flag, attachments)

    def tell_place(self, piece: OwnText, question: str) -> str:
        """Return in plain words where a text was found."""
        if piece.home:
            if self.is_question_of(piece.home, question):
                return "in the cell of its question"
            return f"in the cell {self.name(piece)}"
        what = "in a code cell " if piece.in_code else ""
        position = self.unanswered[question]
        near = self.is_near(piece, question)
        if position is None and near:
            return f"in a {'code ' * piece.in_code}cell that is not marked as its cell"
        if not near:
            return f"{what}far from its cell, {self.name(piece)}"
        side = (
            "above" if position is not None and piece.position < position else "below"
        )
        return f"{what}{side} its cell"

    def name(self, piece: OwnText) -> str:
        """Return a name for the place of a text."""
        if piece.home:
            return repr(piece.home)
        if piece.anchor < 0:
            return "at the top"
        return f"below {self.cells[piece.anchor].id!r}"

    def is_question_of(self, wanted: str, question: str) -> bool:
        """Whether a handed-out cell is the text right before the answer's cell."""
        between = self.cells[self.order[wanted] : self.order[question]]
        return bool(between) and all(c.text and c.role == "given" for c in between)


def point_to(question: str, places: list[str]) -> FoundAnswer:
    """Return what an empty cell says whose answer may stand elsewhere."""
    where = " or ".join(places)
    told = (
        "**Added by the grader:** nothing was written in this cell. "
        f"An answer may stand elsewhere: {where}."
    )
    return FoundAnswer(told, f"written {question!r} is empty, look also: {where}")


def join_copies(cell: Cell, copies: list[Found]) -> tuple[str, Attachments]:
    """Return the texts of all cells that claim to be one answer's, in their order."""
    kept = list({copy.source.strip(): copy for copy in copies}.values())
    if len(kept) <= FEW_COPIES:
        kept = [c for c in kept if not any(is_draft(c, other) for other in kept)]
    texts, attachments = join_pieces((c.source, c.attachments) for c in kept)
    if len(kept) > 1:
        told = f"this answer stood in {len(kept)} cells with the name {cell.id!r}."
        texts.insert(0, f"**Put together by the grader:** {told}")
    return "\n\n".join(texts), attachments


def is_draft(one: Found, other: Found) -> bool:
    """Whether another cell repeats all of a cell's text, and more."""
    text = one.source.strip()
    return text in other.source and text != other.source.strip()


def rename_pictures(text: str, names: dict[str, str]) -> str:
    """Return a text that names its pictures as they are named now."""
    return REFERENCE.sub(lambda found: names.get(found[0], found[0]), text)


def join_pieces(
    pieces: Iterable[tuple[str, Attachments]],
) -> tuple[list[str], Attachments]:
    """Return texts with their pictures, each picture under a name of its own."""
    texts: list[str] = []
    kept: Attachments = {}
    for number, (text, attachments) in enumerate(pieces, 1):
        names: dict[str, str] = {}
        for name, picture in attachments.items():
            new = name
            while kept.get(new, picture) != picture:
                new = f"{number}-{new}"
            names |= {name: new, quote(name): quote(new)}
            kept[new] = picture
        if any(old != new for old, new in names.items()):
            text = rename_pictures(text, names)
        texts.append(text.strip("\n"))
    return texts, kept
