"""What the website needs and the theme lacks: a Sphinx extension.

- `fingerprints`: a page's cells run again when the library, data or packages change;
- `ahead`: the cells of several pages run at a time;
- `quiz` and `assignment`: the directives of CONTRIBUTING.md;
- `predict`: a question whose answer waits to be opened;
- `library`: the library's source on the site, signatures and names that link to it;
- `coursemap`: the map of the course on the first page;
- `paths`: ways through the course, with minutes and points;
- `citations`: papers by the names of the text, of which no two are alike;
- `formulas`: set at the build, with colours for what they mean and, in `mathfont`, a
  font from the site itself;
- `lighter`: one style sheet with what is used, and no script that is not;
- `pages`: equation numbers, mends to the theme;
- `downloads`, called by it: each notebook page as an `.ipynb` that runs anywhere.

They share `page_source`, which knows a page's cells, sections and directives, and
`sources`, which knows what the cells import and read.
"""

import hashlib
from pathlib import Path

from sphinx.application import Sphinx

from autograder.feedback import formulas as drawing

from . import (
    ahead,
    assignment,
    citations,
    coursemap,
    fingerprints,
    formulas,
    library,
    lighter,
    pages,
    paths,
    predict,
    quiz,
)

PARTS = (
    fingerprints,
    ahead,
    quiz,
    predict,
    assignment,
    library,
    citations,
    coursemap,
    paths,
    formulas,
    pages,
    lighter,
)


def setup(app: Sphinx) -> dict[str, bool | int | str]:
    """Connect each part to Sphinx."""
    for part in PARTS:
        part.setup(app)
    return {
        "version": "1",
        "env_version": hash_extension(),
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }


def hash_extension() -> int:
    """Return a number that changes with this extension: pages are then read again.

    What draws the formulas belongs to it, which the grader has too.
    """
    digest = hashlib.sha256()
    own = sorted(Path(__file__).parent.glob("*.py"))
    for path in (*own, Path(drawing.__file__)):
        digest.update(path.read_bytes())
    return int.from_bytes(digest.digest()[:6], "big")
