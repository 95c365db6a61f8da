"""Why a cell did not do what it should, in parts, from the checker to the student."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

LONGEST = 2_000


@dataclass(frozen=True)
class Compared:
    """One of the grader's own comparisons: what it looked at, expected, and got.

    `place` are words between the call and what was expected, with what ends them:
    "for result[0], ". Where nothing in particular was expected, they are all there is
    to say: "the right results, in another order."
    """

    call: str
    place: str = ""
    expected: str = ""
    got: str = ""

    def __str__(self) -> str:
        """Return the comparison as a line."""
        sides = f"expected {self.expected}, got {self.got}." if self.expected else ""
        return f"{self.call}: {self.place}{sides}"

    @property
    def looked_at(self) -> str:
        """What was compared."""
        return f"{self.call}: {self.place}".rstrip(" :,")


@dataclass(frozen=True)
class Explanation:
    """Why a cell did not do what it should.

    `text` is what a test says, or an exception; `raised` that one's type as the student
    knows it, and `name` the name that was not defined. `exercise` is named where it,
    and not what was asked for, is the reason; `lead` comes before the text, `remark`
    behind it. `where` are the lines of the student's own cells that led to an
    exception; `cell` and `line` the last of them.
    """

    text: str = ""
    raised: str = ""
    name: str = ""
    exercise: str = ""
    lead: str = ""
    remark: str = ""
    compared: tuple[Compared, ...] = ()
    where: str = ""
    cell: str = ""
    line: str = ""

    def __str__(self) -> str:
        """Return the explanation as text, without the lines that led to it."""
        first = f"{self.exercise}: " if self.exercise else ""
        told = ": ".join(filter(None, [self.raised, self.text]))
        parts = [f"{first}{self.lead}{told}", self.remark, *map(str, self.compared)]
        return "\n".join(filter(None, parts))

    @property
    def full(self) -> str:
        """The explanation as text, then the lines that led to it."""
        return "\n".join(filter(None, [str(self), self.where.rstrip()]))

    @property
    def headline(self) -> str:
        """What it comes down to: of an exception, its type alone."""
        first = f"{self.exercise}: " if self.exercise else ""
        return f"{first}{self.lead}{self.raised or self.text}".partition("\n")[0]

    def mapped(self, change: Any) -> Explanation:
        """Return the explanation with each of its texts changed by a function."""
        texts = {f.name: getattr(self, f.name) for f in fields(self)}
        compared = tuple(
            Compared(**{key: change(text) for key, text in vars(one).items()})
            for one in texts.pop("compared")
        )
        changed = {key: change(text) for key, text in texts.items()}
        return Explanation(**changed, compared=compared)

    def found(self, more: Compared) -> Explanation:
        """Return the explanation with one more comparison."""
        return replace(self, compared=(*self.compared, more))

    def to_json(self) -> dict[str, Any]:
        """Return the parts that are there."""
        return {key: part for key, part in asdict(self).items() if part}


UNSAID = Explanation()


def explanation_from(data: dict[str, Any]) -> Explanation:
    """Return the explanation that `to_json` wrote; raise TypeError if it is not one."""
    compared = tuple(Compared(**one) for one in data.get("compared", ()))
    texts = {key: part for key, part in data.items() if key != "compared"}
    for text in (*texts.values(), *(t for one in compared for t in vars(one).values())):
        if not isinstance(text, str):
            raise TypeError(f"{text!r} is no text")
    return Explanation(**texts, compared=compared)
