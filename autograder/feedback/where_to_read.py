"""Where a hint's reader should read on: the section of the book that it belongs to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from autograder.authoring.catalogue import read_catalogue
from autograder.authoring.percent import AuthoringError
from autograder.authoring.solution_file import read_assignment
from autograder.course import Course, CourseError

LABEL = r"^\({}\)=\s*\n+#+\s+(.+)$"
TITLE = re.compile(r"^#\s+(.+)$", re.M)


@dataclass(frozen=True)
class Place:
    """A section of the book: its chapter's file and title, its label and title."""

    file: str
    chapter: str
    label: str
    section: str

    def __str__(self) -> str:
        """Return the place in words."""
        if self.section == self.chapter:
            return f"Chapter “{self.chapter}”"
        return f"Chapter “{self.chapter}”, section “{self.section}”"

    def address(self, site: str) -> str:
        """Return the place's address on the website; empty if there is none."""
        return f"{site.rstrip('/')}/{self.file}.html#{self.label}" if site else ""


@cache
def places(root: Path, name: str) -> tuple[tuple[str, Place], ...]:
    """Return (hint, where to read) of each catalogued mistake of an assignment."""
    course = Course(root)
    try:
        catalogue = read_catalogue(read_assignment(course.solution(name)))
    except (AuthoringError, CourseError, OSError):
        return ()
    found = [(m.hint, find(course.book, m.see)) for m in catalogue.mistakes]
    return tuple((hint, place) for hint, place in found if place)


@cache
def find(book: Path, label: str) -> Place | None:
    """Return the section of a label, or None if no chapter has it."""
    pattern = re.compile(LABEL.format(re.escape(label)), re.M)
    for path in sorted(book.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        section, title = pattern.search(text), TITLE.search(text)
        if section and title:
            return Place(f"book/{path.stem}", title[1], label, section[1])
    return None


def where_to_read(root: Path, name: str, hint: str) -> list[Place]:
    """Return the sections that the mistakes named in a hint belong to."""
    there = [place for text, place in places(root, name) if text in hint]
    return list(dict.fromkeys(there))
