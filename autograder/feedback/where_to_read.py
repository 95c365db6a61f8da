"""Where a hint's reader should read on: the section of the book that it belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from autograder.authoring.catalogue import read_catalogue
from autograder.authoring.percent import AuthoringError
from autograder.authoring.solution_file import read_assignment
from autograder.course import Course, CourseError


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


Places = tuple[tuple[str, Place], ...]


def places_of_hints(course: Course, name: str) -> Places:
    """Return (hint, where to read) of each catalogued mistake of an assignment."""
    try:
        catalogue = read_catalogue(read_assignment(course.solution(name)))
    except (AuthoringError, CourseError, OSError):
        return ()
    book: dict[str, Place] = {}
    for path in sorted(course.book.glob("*.md"), reverse=True):
        stamp = path.stat()
        book |= read_places(path, stamp.st_mtime_ns, stamp.st_size)
    found = [(mistake.hint, book.get(mistake.see)) for mistake in catalogue.mistakes]
    return tuple((hint, place) for hint, place in found if place)


@lru_cache(maxsize=256)
def read_places(path: Path, changed: int, size: int) -> dict[str, Place]:
    """Return the labelled sections of a chapter, by label.

    They are kept for as long as the file has not changed: reading the whole book takes
    a second, and formgrader asks again for each page.
    """
    from markdown_it import MarkdownIt
    from mdit_py_plugins.front_matter import front_matter_plugin
    from mdit_py_plugins.myst_blocks import myst_block_plugin

    reader = MarkdownIt("commonmark").use(front_matter_plugin).use(myst_block_plugin)
    reader.core.ruler.enableOnly(["normalize", "block"])  # no look inside paragraphs
    tokens = reader.parse(path.read_text(encoding="utf-8"))
    titles = {  # of the heading that starts at a token
        place: tokens[place + 1].content
        for place, token in enumerate(tokens)
        if token.type == "heading_open"
    }
    chapter = next((titles[n] for n in titles if tokens[n].tag == "h1"), "")
    return {
        token.content: Place(f"book/{path.stem}", chapter, token.content, titles[n + 1])
        for n, token in enumerate(tokens)
        if token.type == "myst_target" and n + 1 in titles and chapter
    }


def where_to_read(places: Places, hint: str) -> Iterable[Place]:
    """Return the sections that the mistakes named in a hint belong to."""
    return dict.fromkeys(place for text, place in places if text in hint)
