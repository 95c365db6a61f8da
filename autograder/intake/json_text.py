"""Step through JSON text without making anything of it, in one pass.

Values that nobody wants are passed over at the speed of regular expressions that never
go back, and with no memory of their own. They have to be JSON all the same: what
Python's parser would refuse is refused here, with the place of the trouble.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

DEEPEST_PASSED = 1_000  # Jupyter, whose JSON is Python's, saves nothing deeper
MOST_STEPS = 1_000_000  # a real notebook of 100 MiB takes a few thousand
WINDOW = 1 << 14  # bytes that Python's parser may look at, and forget
LEFT_IN_WINDOW = 1 << 12
NEXT_GLANCE = 1 << 13
JSON_BLANK = rb"[ \t\n\r]*+"
INSIDE = rb'[^"\\]*+(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})[^"\\]*+)*+'
NUMBER = rb"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+"
SCALAR = rb'"' + INSIDE + rb'"|' + NUMBER + rb"|true|false|null"
CONSTANT = rb"NaN|-?Infinity"
FLAT_LEVELS = 3
SPACES = re.compile(JSON_BLANK)
JSON_STRING = re.compile(rb'"' + INSIDE + rb'"')
QUOTED_PART = re.compile(rb'"' + INSIDE)
ODD_NUMBER = re.compile(CONSTANT)
CUT_ESCAPE = re.compile(rb"\\(?:u[0-9A-Fa-f]{0,3})?\Z")
CUT_WORD = re.compile(rb'[^\s"\[\]{}:,]{0,10}\s*\Z')


class Broken(ValueError):
    """Where a text is not JSON, and why; `cut` if that is because it ends there."""

    def __init__(self, why: str, raw: bytes, place: int, cut: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.cut = cut or CUT_WORD.match(raw, place) is not None
        self.line = raw.count(b"\n", 0, place) + 1
        before = raw[raw.rfind(b"\n", 0, place) + 1 : place]
        self.column = len(before.decode("utf-8", "replace")) + 1


class Tangled(ValueError):
    """Values are nested as no program writes them: too deep, or too often."""


class Flat:
    """What finds values that hold at most lists of lists, and rows of such values."""

    def __init__(self, scalar: bytes) -> None:
        value = b"(?:%b)" % scalar
        self.scalar = re.compile(value)
        for _ in range(FLAT_LEVELS):
            value = b"(?:%b|%b|%b)" % (scalar, listed(value), keyed(value))
        self.value = re.compile(value)
        rest = JSON_BLANK + b"(?:,%b|(?=%b))"
        items = value + rest % (JSON_BLANK, rb"\]")
        members = key_before() + value + rest % (JSON_BLANK, rb"\}")
        self.items = re.compile(b"(?:%b)*+" % items)
        self.members = re.compile(b"(?:%b)*+" % members)


def listed(value: bytes) -> bytes:
    """Return the pattern of a list of values."""
    after = JSON_BLANK + rb"(?:," + JSON_BLANK + rb"(?!\])|(?=\]))"
    return rb"\[" + JSON_BLANK + b"(?:%b%b)*+" % (value, after) + rb"\]"


def keyed(value: bytes) -> bytes:
    """Return the pattern of an object of values."""
    after = JSON_BLANK + rb"(?:," + JSON_BLANK + rb"(?!\})|(?=\}))"
    return rb"\{" + JSON_BLANK + b"(?:%b%b%b)*+" % (key_before(), value, after) + rb"\}"


def key_before() -> bytes:
    """Return the pattern of a key and its colon."""
    return rb'"' + INSIDE + rb'"' + JSON_BLANK + b":" + JSON_BLANK


STRICT = Flat(SCALAR)
LENIENT = Flat(SCALAR + b"|" + CONSTANT)  # once a NaN was seen, others are no news


class JsonText:
    """A place in JSON text; each method moves it on, or raises Broken."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.place = 0
        self.flat = STRICT
        self.steps = 0
        self.constant = ""  # the first NaN or Infinity
        self.next_glance = self.window_start = 0
        self.window = ""
        self.parser = json.JSONDecoder(
            strict=False, parse_int=float, parse_constant=self.note
        )

    def fail(self, why: str, place: int | None = None, cut: bool = False) -> NoReturn:
        """Raise Broken for this place."""
        raise Broken(why, self.raw, self.place if place is None else place, cut)

    def peek(self) -> bytes:
        """Move past spaces; return the next byte, nothing at the end."""
        found = SPACES.match(self.raw, self.place)
        self.place = found.end() if found else self.place
        return self.raw[self.place : self.place + 1]

    def quoted(self) -> None:
        """Move past a string."""
        found = JSON_STRING.match(self.raw, self.place)
        if found:
            self.place = found.end()
            return
        part = QUOTED_PART.match(self.raw, self.place)
        end = part.end() if part else self.place
        if end == len(self.raw) or CUT_ESCAPE.match(self.raw, end):
            self.fail("Unterminated string starting at", cut=True)
        self.fail("Invalid \\escape", end)

    def key(self) -> str:
        """Move past a key and its colon; return the key."""
        if self.peek() != b'"':
            self.fail("Expecting property name enclosed in double quotes")
        start = self.place
        self.quoted()
        key = self.raw[start : self.place]
        if self.peek() != b":":
            self.fail("Expecting ':' delimiter")
        self.place += 1
        self.peek()
        return str(load_piece(key))

    def members(self) -> Iterator[str]:
        """Yield the keys of an object; the caller moves past each value."""
        self.place += 1
        if self.peek() == b"}":
            self.place += 1
            return
        while True:
            yield self.key()
            if not self.comma(b"}"):
                return

    def items(self) -> Iterator[int]:
        """Yield the numbers of a list's items; the caller moves past each."""
        self.place += 1
        if self.peek() == b"]":
            self.place += 1
            return
        number = 0
        while True:
            yield number
            number += 1
            if not self.comma(b"]"):
                return

    def comma(self, closing: bytes) -> bool:
        """Move past a comma, or past the end of a list or object: then return False."""
        mark = self.peek()
        if mark not in (b",", closing) or not mark:
            self.fail("Expecting ',' delimiter")
        self.place += 1
        self.peek()
        return mark == b","

    def skip(self) -> None:
        """Move past a value, whatever it holds."""
        self.peek()
        if found := self.flat.value.match(self.raw, self.place):
            self.place = found.end()
            return
        closing = bytearray()  # the ends of what is open
        self.step(closing)
        while closing:
            if self.skip_row(bytes(closing[-1:])):
                self.place += 1
                closing.pop()
            elif self.step(closing):
                continue
            while closing and not self.comma(bytes(closing[-1:])):
                closing.pop()

    def skip_row(self, closing: bytes) -> bool:
        """Move past flat values, and past a key; return whether the end is reached."""
        row = self.flat.items if closing == b"]" else self.flat.members
        if found := row.match(self.raw, self.place):
            self.place = found.end()
        if self.peek() == closing:
            before = self.place - 1
            while self.raw[before] in b" \t\n\r":
                before -= 1
            if self.raw[before] != ord(","):
                return True
        if closing == b"}":
            self.key()
        return False

    def note(self, constant: str) -> None:
        """Remember the first constant that JSON lacks."""
        self.constant = self.constant or constant

    def glance(self) -> bool:
        """Move past a small list or object with Python's parser, if it can be done."""
        if self.place < self.next_glance:
            return False
        at = self.place - self.window_start
        if at + LEFT_IN_WINDOW > len(self.window):
            self.window_start, at = self.place, 0
            window = self.raw[self.place : self.place + WINDOW]
            self.window = window.decode("latin-1")  # a letter a byte
        try:
            self.place = self.window_start + self.parser.raw_decode(self.window, at)[1]
        except (ValueError, RecursionError):
            self.next_glance = self.place + NEXT_GLANCE  # so that time stays linear
            return False
        return True

    def step(self, closing: bytearray) -> bool:
        """Move past a value that is no container, or into one: then return True."""
        mark = self.raw[self.place : self.place + 1]
        if mark and mark in b"[{" and self.glance():
            return False
        if mark and mark in b"[{":
            closing += b"]" if mark == b"[" else b"}"
            self.steps += 1
            if len(closing) > DEEPEST_PASSED or self.steps > MOST_STEPS:
                raise Tangled
            self.place += 1
            self.peek()
            return True
        if mark == b'"':
            self.quoted()
        elif found := self.flat.scalar.match(self.raw, self.place):
            self.place = found.end()
        elif found := ODD_NUMBER.match(self.raw, self.place):
            self.note(found[0].decode())
            self.flat, self.place = LENIENT, found.end()
        else:
            self.fail("Expecting value")
        return False

    def end(self) -> None:
        """Fail unless the text ends here."""
        if self.peek():
            self.fail("Extra data")


def load_piece(piece: bytes) -> Any:
    """Return the value of a piece of text that was found to be JSON."""
    text = piece.decode("utf-8", "replace")
    return json.loads(text, strict=False, parse_int=short_int)


def short_int(digits: str) -> int:
    """Return an integer; a number of absurd length becomes 0."""
    return int(digits) if len(digits) < 20 else 0
