"""A small Sphinx project in a folder, with the course's extension."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.pace import PATIENCE
from tests.support.places import ROOT

EXTENSIONS = ROOT / "book" / "_ext"

CONFIG = """\
import sys
sys.path.insert(0, {extensions!r})
extensions = ["myst_nb", "course_site"]
html_theme = "sphinx_book_theme"
myst_enable_extensions = ["dollarmath"]
bibtex_bibfiles = []
nb_execution_mode = "cache"
nb_execution_raise_on_error = True
exclude_patterns = ["exercises", "_build"]
"""


class Site:
    """A small Sphinx project that uses the extension."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        (folder / "book").mkdir()
        (folder / "conf.py").write_text(CONFIG.format(extensions=str(EXTENSIONS)))
        self.page("index", "# Start\n")

    def page(self, name: str, text: str) -> None:
        (self.root / f"{name}.md").write_text(text)

    def build(self) -> str:
        """Build the site; return what Sphinx says."""
        done = subprocess.run(
            [sys.executable, "-m", "sphinx", "-n", ".", "_build/html"],
            cwd=self.root,
            text=True,
            capture_output=True,
            timeout=PATIENCE,
            env=os.environ | {"NO_COLOR": "1"},
        )
        return done.stdout + done.stderr

    def html(self, name: str) -> str:
        return (self.root / "_build" / "html" / f"{name}.html").read_text()
