"""What the colours mean: one each for query, key, value, output, mask and weight.

The same in formulas, figures, diagrams and the glossary. No colour stands alone: each
part has its letter, and in a drawing its shape. The site's style sheet has each colour
for a light and for a dark page; elsewhere, in a notebook say, the one between serves.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Meaning:
    """A part of attention, and how it is drawn."""

    name: str
    letter: str  # stands on or beside each drawing of it
    shape: str  # of its mark: the second sign
    color: str  # for grounds of which nothing is known; at least 3:1 on both themes

    @property
    def css(self) -> str:
        """Return its colour for an SVG or a style: the page's, if the page has one."""
        return f"var(--course-{self.name}, {self.color})"


QUERY = Meaning("query", "q", "arrow", "#c8590b")
KEY = Meaning("key", "k", "square", "#0c8a68")
VALUE = Meaning("value", "v", "circle", "#a355b8")
OUTPUT = Meaning("output", "o", "diamond", "#94700c")
MASK = Meaning("mask", "✕", "hatching", "#808182")
WEIGHT = Meaning("weight", "α", "bar", "#2a78b8")
MEANINGS = (QUERY, KEY, VALUE, OUTPUT, MASK, WEIGHT)
