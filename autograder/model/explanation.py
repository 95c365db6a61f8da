"""Why a cell did not do what it should, in parts, from the checker to the student."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
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

    @property
    def opening(self) -> str:
        """What comes before the text."""
        return (f"{self.exercise}: " if self.exercise else "") + self.lead

    def __str__(self) -> str:
        """Return the explanation as text, without the lines that led to it."""
        told = ": ".join(filter(None, [self.raised, self.text]))
        parts = [self.opening + told, self.remark, *map(str, self.compared)]
        return "\n".join(filter(None, parts))

    @property
    def full(self) -> str:
        """The explanation as text, then the lines that led to it."""
        return "\n".join(filter(None, [str(self), self.where.rstrip()]))

    @property
    def headline(self) -> str:
        """What it comes down to: of an exception, its type alone."""
        return (self.opening + (self.raised or self.text)).partition("\n")[0]

    def mapped(self, change: Callable[[str], str]) -> Explanation:
        """Return the explanation with each of its texts changed by a function."""

        def changed(part: Any) -> Any:
            if isinstance(part, tuple):
                return tuple(Compared(*map(change, vars(one).values())) for one in part)
            return change(part)

        return Explanation(*map(changed, vars(self).values()))

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
