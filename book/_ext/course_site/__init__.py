"""What the website needs and the theme lacks: a Sphinx extension.

- `fingerprints`: a page's cells run again when the library, data or packages change;
- `downloads`: each notebook page as an `.ipynb` that runs anywhere;
- `quiz` and `assignment`: the directives of CONTRIBUTING.md;
- `coursemap`: the map of the course on the first page;
- `pages`: equation numbers, MathJax from the site itself, mends to the theme.
"""

from sphinx.application import Sphinx

from . import assignment, coursemap, downloads, fingerprints, pages, quiz


def setup(app: Sphinx) -> dict[str, bool | str]:
    """Connect each part to Sphinx."""
    for part in (fingerprints, downloads, quiz, assignment, coursemap, pages):
        part.setup(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
