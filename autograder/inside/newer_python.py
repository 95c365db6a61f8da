"""Whether a cell that this Python does not read is written for a newer one.

Only what is known is told: the source is rewritten without the constructs of newer
Pythons, and where this Python reads the rest, they are what it lacked.
"""

from __future__ import annotations

import ast
import re
import sys

DEEPEST_STRINGS = 20  # f-strings in f-strings
OPENS_TEXT = re.compile(
    r"#[^\n]*|(?<!\w)([rbuft]{0,2})('''|\"\"\"|'|\")", re.IGNORECASE
)
BRACKETS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
GENERIC = re.compile(r"^([ \t]*(?:async[ \t]+def|def|class)[ \t]+\w+)[ \t]*\[", re.M)
ALIAS = re.compile(r"^([ \t]*)type[ \t]+(\w+)[ \t]*(?=[=\[])", re.M)
COMMAND = re.compile(r"^([ \t]*)[%!][^\n]*", re.M)
Version = tuple[int, int]


class NotKnown(Exception):
    """The source is wrong in a way that no newer Python is known to read."""


def python_needed(source: str) -> str:
    """Return the Python that reads a source which this one does not, or nothing."""
    rewriter = Rewriter()
    try:
        code = COMMAND.sub(r"\1pass", rewriter.without_strings(source))
        ast.parse(rewriter.without_types(code))
    except (NotKnown, SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    newer = rewriter.needed > sys.version_info[:2]
    return ".".join(map(str, rewriter.needed)) if newer else ""


class Rewriter:
    """Takes the constructs of newer Pythons out of a source, and notes which."""

    def __init__(self) -> None:
        self.needed: Version = (3, 0)

    def need(self, major: int, minor: int) -> None:
        """Note that a source needs a Python."""
        self.needed = max(self.needed, (major, minor))

    def without_strings(self, source: str, depth: int = 0) -> str:
        """Return a source whose strings are empty; those with fields are looked into.

        Raise NotKnown where one does not end, or a field is no expression.
        """
        parts, place = [], 0
        while found := OPENS_TEXT.search(source, place):
            parts.append(source[place : found.start()])
            place = found.end()
            if found[2]:
                prefix = found[1].lower()
                place = self.skip_string(source, place, prefix, found[2], depth)
                parts.append('b""' if "b" in prefix else '""')
        return "".join([*parts, source[place:]])

    def skip_string(
        self, source: str, place: int, prefix: str, quote: str, depth: int
    ) -> int:
        """Return where a string ends whose first quote ends at `place`."""
        fields = "f" in prefix or "t" in prefix
        if fields:
            self.need(3, 14 if "t" in prefix else 12)
        while not source.startswith(quote, place):
            letter = source[place : place + 1]
            if not letter or (letter == "\n" and len(quote) == 1):
                raise NotKnown
            doubled = letter in "{}" and source[place + 1 : place + 2] == letter
            if letter == "\\" or (fields and doubled):
                place += 2
            elif fields and letter == "{":
                place = self.skip_field(source, place + 1, quote, depth + 1)
            elif fields and letter == "}":
                raise NotKnown
            else:
                place += 1
        return place + len(quote)

    def skip_field(self, source: str, place: int, quote: str, depth: int) -> int:
        """Return where a field of a string ends, its `}` included."""
        start, level = place, 0
        if depth > DEEPEST_STRINGS:
            raise NotKnown
        while level or source[place : place + 1] not in ("}", ":", "!"):
            found = OPENS_TEXT.match(source, place)
            if found and found[2]:
                prefix = found[1].lower()
                place = self.skip_string(source, found.end(), prefix, found[2], depth)
            elif found:
                place = found.end()
            elif place >= len(source):
                raise NotKnown
            else:
                level += BRACKETS.get(source[place], 0)
                place += 2 if source.startswith("!=", place) else 1
                if not level and source.startswith("!=", place):
                    place += 2
        self.check_expression(source[start:place], depth)
        return self.skip_format(source, place, quote, depth)

    def check_expression(self, text: str, depth: int) -> None:
        """Raise NotKnown if a field's text is no expression."""
        plain = self.without_strings(text, depth).strip().removesuffix("=")
        if not plain:
            raise NotKnown
        try:
            ast.parse(f"(\n{plain}\n)", mode="eval")
        except (SyntaxError, ValueError):
            raise NotKnown from None

    def skip_format(self, source: str, place: int, quote: str, depth: int) -> int:
        """Return where a field ends that may have a conversion and a format."""
        if found := re.compile(r"![rsa]\s*").match(source, place):
            place = found.end()
        if source.startswith(":", place):
            place += 1
            while not source.startswith("}", place):
                if place >= len(source) or source.startswith(quote, place):
                    raise NotKnown
                field = source[place] == "{"
                place += 1
                if field:
                    place = self.skip_field(source, place, quote, depth + 1)
        if not source.startswith("}", place):
            raise NotKnown
        return place + 1

    def without_types(self, code: str) -> str:
        """Return a source, its strings empty, without names of types in brackets."""
        parts, place = [], 0
        while found := GENERIC.search(code, place):
            parts.append(code[place : found.end(1)])
            place = self.skip_brackets(code, found.end())
        code = "".join([*parts, code[place:]])
        parts, place = [], 0
        while found := ALIAS.search(code, place):
            self.need(3, 12)
            parts.append(code[place : found.start()] + found[1] + found[2])
            place = found.end()
            if code.startswith("[", place):
                place = self.skip_brackets(code, place + 1)
        return "".join([*parts, code[place:]])

    def skip_brackets(self, code: str, place: int) -> int:
        """Return where names of types end whose `[` ends at `place`."""
        start, level = place, 1
        while level:
            if place >= len(code):
                raise NotKnown
            level += BRACKETS.get(code[place], 0)
            place += 1
        inner = code[start : place - 1]
        self.need(3, 13 if "=" in inner else 12)
        return place
