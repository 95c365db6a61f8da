"""Papers by the names that the text gives them: authors and year, no two alike.

Two papers of the same authors and year get the letters a and b after the year, in the
order of the bibliography: in the text, in the list, in notebooks that travel. The list
shows each paper under the name that the text uses. sphinxcontrib-bibtex makes the
references; it knows no such letters, and labels of another kind for the list.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from string import ascii_lowercase

from pybtex.database import Entry
from pybtex.plugin import find_plugin, register_plugin
from pybtex.style.formatting.alpha import Style as AlphaStyle
from pybtex.style.labels import BaseLabelStyle
from pybtex.style.sorting.author_year_title import (
    SortingStyle as AuthorYearTitleSorting,
)
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle

STYLE = AuthorYearReferenceStyle()  # that of `bibtex_reference_style`
AUTHORS = STYLE.person.author_or_editor_or_title(full=False)
PLAIN = find_plugin("pybtex.backends", "plaintext")()
NAME = "course"  # for `bibtex_default_style`


def name_authors(entry: Entry) -> str:
    """Return the authors as the text names them: Bahdanau et al."""
    named = AUTHORS.format_data({"entry": entry, "style": STYLE}).render(PLAIN)
    return " ".join(named.split())


def name_paper(entry: Entry) -> str:
    """Return the name of a paper in brackets: Bahdanau et al., 2015."""
    return f"{name_authors(entry)}, {entry.fields['year']}"


def letter_years(entries: Iterable[Entry]) -> None:
    """Put a, b and so on after the years of papers that have one name."""
    alike = defaultdict(list)
    for entry in entries:
        # as the file has it: the last build's letters are kept with the pages
        year = re.sub(r"(?<=\d)[a-z]$", "", entry.fields.get("year", "n.d."))
        entry.fields["year"] = year
        alike[name_paper(entry)].append(entry)
    for papers in alike.values():
        if len(papers) > 1:
            ordered = ByName().sort(papers)
            for letter, entry in zip(ascii_lowercase, ordered, strict=False):
                entry.fields["year"] += letter


class ByName(AuthorYearTitleSorting):
    """The order of the list: by the names that it shows, without accents."""

    def sorting_key(self, entry: Entry) -> tuple[str, ...]:
        """Return what is compared: name, year, all authors, title."""
        letters = unicodedata.normalize("NFKD", name_authors(entry))
        name = "".join(c for c in letters if not unicodedata.combining(c)).casefold()
        authors, year, title = super().sorting_key(entry)
        return name, year, authors, title


class AuthorYearLabels(BaseLabelStyle):
    """Labels for the list: the names of the text."""

    def format_labels(self, sorted_entries: Iterable[Entry]) -> Iterator[str]:
        """Yield a label for each entry."""
        yield from map(name_paper, sorted_entries)


class CourseStyle(AlphaStyle):
    """The list's style: that of alpha, in another order and under other labels."""

    default_sorting_style = ByName
    default_label_style = AuthorYearLabels


def _letter_papers(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    if bibliography := env.domains.get("cite"):
        letter_years(bibliography.bibdata.data.entries.values())


def setup(app: Sphinx) -> None:
    """Add the style, and the letters before any page is read."""
    register_plugin("pybtex.style.formatting", NAME, CourseStyle)
    app.connect("env-before-read-docs", _letter_papers)
