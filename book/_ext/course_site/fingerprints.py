"""Run a page's cells again when what they import or read has changed.

jupyter-cache knows a notebook by its cells alone: an edit to the library would leave
old results on the page. Each page gets a fingerprint of all that its cells can depend
on, kept beside the cache. When that changes, the page's record in the cache is dropped
and the page is read again.
"""

import hashlib
import json
import sys
from pathlib import Path

from jupyter_cache import get_cache
from sphinx.application import ENV_PICKLE_FILENAME, Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from .page_source import read_page
from .sources import Tracer, pin_versions, tracer_of

LOGGER = logging.getLogger(__name__)
STORE = "course_fingerprints.json"


def setup(app: Sphinx) -> None:
    """Connect to the moment when Sphinx asks which pages to read."""
    app.connect("env-get-outdated", forget_stale)


def fingerprint(page: Path, tracer: Tracer) -> str:
    """Hash what the output of a page's cells depends on, the cells left out.

    Returns:
        A hexadecimal digest; empty for a page without cells.

    """
    text = page.read_text(encoding="utf-8") if page.suffix == ".md" else ""
    if not read_page(text).code_cells:
        return ""
    try:
        needs = tracer.trace(read_page(text).code)
    except SyntaxError:  # running the cell will say it better
        return "does not parse"
    digest = hashlib.sha256(f"python {sys.version_info[:2]}".encode())
    for path in (*needs.modules, *needs.files):
        digest.update(f"\0{path.relative_to(tracer.root)}\0".encode())
        digest.update(path.read_bytes())
    digest.update("\0".join(pin_versions(needs.packages)).encode())
    return digest.hexdigest()


def forget_stale(
    app: Sphinx,
    env: BuildEnvironment,
    added: set[str],
    changed: set[str],
    removed: set[str],
) -> list[str]:
    """Drop what the cache holds of stale pages; return the pages to read again."""
    pages = {name: Path(env.doc2path(name)) for name in sorted(env.found_docs)}
    marks = {name: fingerprint(page, tracer_of(app)) for name, page in pages.items()}
    marks = {name: mark for name, mark in marks.items() if mark}
    folder = Path(env.mystnb_config.execution_cache_path)
    store = folder / STORE
    known = json.loads(store.read_text()) if store.is_file() else {}
    stale = [name for name, mark in marks.items() if known.get(name) != mark]
    if stale:
        # A build that ends before its pages are read, by Ctrl-C say, would leave them
        # to Sphinx as read: without its own record, Sphinx reads all pages anew.
        Path(app.doctreedir, ENV_PICKLE_FILENAME).unlink(missing_ok=True)
        _drop_results(folder, {pages[name] for name in stale})
        folder.mkdir(parents=True, exist_ok=True)
        store.write_text(json.dumps(known | marks, indent=1, sort_keys=True))
    return stale


def _drop_results(folder: Path, pages: set[Path]) -> None:
    """Remove the cached results of pages."""
    cache = get_cache(str(folder))
    gone = {str(page.resolve()) for page in pages}
    for record in cache.list_cache_records():
        if str(Path(record.uri).resolve()) in gone:
            LOGGER.info("what %s depends on has changed: run again", record.uri)
            cache.remove_cache(record.pk)
