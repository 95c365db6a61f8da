"""Run a page's cells again when what they import or read has changed.

jupyter-cache knows a notebook by its cells alone: an edit to the library would leave
old results on the page. Each page gets a fingerprint of all that its cells can depend
on. When that changes, the page is read again and its record in the cache is dropped.
"""

import hashlib
import json
import re
import sys
from pathlib import Path

from jupyter_cache import get_cache
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from . import sources

LOGGER = logging.getLogger(__name__)
STORE = "course_fingerprints.json"


def setup(app: Sphinx) -> None:
    """Connect to the events of reading."""
    app.connect("env-get-outdated", forget_stale)
    app.connect("doctree-read", remember)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)


def fingerprint(page: Path, root: Path) -> str:
    """Hash what the output of a page's cells depends on, the cells left out.

    Returns:
        A hexadecimal digest; empty for a page without cells.

    """
    text = page.read_text(encoding="utf-8")
    if page.suffix != ".md" or not sources.is_notebook(text):
        return ""
    try:
        needs = sources.needs(sources.code_of(text), root)
    except SyntaxError:  # running the cell will say it better
        return "does not parse"
    digest = hashlib.sha256(f"python {sys.version_info[:2]}".encode())
    for path in (*needs.modules, *needs.files):
        digest.update(f"\0{path.relative_to(root)}\0".encode())
        digest.update(path.read_bytes())
    digest.update("\0".join(sources.pinned(needs.packages)).encode())
    digest.update("\0".join(required(root, needs.packages)).encode())
    return digest.hexdigest()


def required(root: Path, packages: tuple[str, ...]) -> list[str]:
    """Return the lines of constraints.txt that name one of the packages."""
    path = root / "constraints.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    names = {_plain(name) for name in packages}
    return [line for line in lines if _plain(re.split(r"[^\w.-]", line)[0]) in names]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def forget_stale(
    app: Sphinx,
    env: BuildEnvironment,
    added: set[str],
    changed: set[str],
    removed: set[str],
) -> list[str]:
    """Drop what the cache holds of stale pages; return the pages to read again."""
    root = Path(app.srcdir)
    marks = {
        name: fingerprint(Path(env.doc2path(name)), root)
        for name in sorted(env.found_docs)
    }
    marks = {name: mark for name, mark in marks.items() if mark}
    folder = Path(env.mystnb_config.execution_cache_path)
    _drop(folder, marks, {name: Path(env.doc2path(name)) for name in marks})
    seen = _seen(env)
    return [name for name, mark in marks.items() if seen.get(name) != mark]


def _drop(folder: Path, marks: dict[str, str], paths: dict[str, Path]) -> None:
    """Remove the cached results of pages whose fingerprint has changed."""
    store = folder / STORE
    known = json.loads(store.read_text()) if store.is_file() else {}
    stale = {name for name, mark in marks.items() if known.get(name) != mark}
    if stale:
        cache = get_cache(str(folder))
        gone = {str(paths[name].resolve()) for name in stale}
        for record in cache.list_cache_records():
            if str(Path(record.uri).resolve()) in gone:
                LOGGER.info("what %s depends on has changed: run again", record.uri)
                cache.remove_cache(record.pk)
        folder.mkdir(parents=True, exist_ok=True)
        store.write_text(json.dumps(known | marks, indent=1, sort_keys=True))


def _seen(env: BuildEnvironment) -> dict[str, str]:
    """Return the fingerprints of the pages as they were last read."""
    if not hasattr(env, "course_fingerprints"):
        env.course_fingerprints = {}
    return env.course_fingerprints


def remember(app: Sphinx, doctree: object) -> None:
    """Keep the fingerprint of a page that has been read."""
    name = app.env.docname
    mark = fingerprint(Path(app.env.doc2path(name)), Path(app.srcdir))
    if mark:
        _seen(app.env)[name] = mark


def purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget a page that is read again or gone."""
    _seen(env).pop(docname, None)


def merge(
    app: Sphinx, env: BuildEnvironment, docnames: list[str], other: BuildEnvironment
) -> None:
    """Take over what a parallel reader has seen."""
    theirs = _seen(other)
    _seen(env).update({name: theirs[name] for name in docnames if name in theirs})
