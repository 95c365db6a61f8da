"""What a notebook page can depend on: modules, data files and packages."""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import metadata, packages_distributions, version
from pathlib import Path

LIBRARY = "attention"
CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(.*?)^```\s*$", re.M | re.S)
OPTIONS = re.compile(r"\A(?:---\n.*?^---\n|(?::[\w-]+:[^\n]*\n)+)", re.M | re.S)


@dataclass(frozen=True)
class Needs:
    """All that the output of a page's cells can depend on, besides the cells."""

    modules: tuple[Path, ...]
    files: tuple[Path, ...]
    packages: tuple[str, ...]


def code_of(page: str) -> str:
    """Return the code of a MyST notebook's cells, one after another."""
    return "\n".join(OPTIONS.sub("", cell) for cell in CELL.findall(page))


def is_notebook(page: str) -> bool:
    """Say whether a page has code cells."""
    return CELL.search(page) is not None


def needs(code: str, root: Path) -> Needs:
    """Follow imports and file names from a page's code.

    Args:
        code: the page's cells.
        root: the root of the course, which holds `book/attention` and `book/data`.

    """
    library = root / "book" / LIBRARY
    trees = [_parse(code)]
    modules: dict[Path, ast.AST] = {}
    waiting = list(_modules(trees[0], library, library.parent))
    while waiting:
        path = waiting.pop()
        if path not in modules:
            modules[path] = _parse(path.read_text(encoding="utf-8"))
            waiting += _modules(modules[path], library, path.parent)
    trees += modules.values()
    files = {path for tree in trees for path in _files(set(_constants(tree)), root)}
    imported = {name for tree in trees for name in _packages(tree)}
    return Needs(
        modules=tuple(sorted(modules)),
        files=tuple(sorted(files)),
        packages=tuple(sorted(_distributions(imported))),
    )


def _parse(code: str) -> ast.AST:
    """Parse code; lines that only IPython understands are left out."""
    plain = re.sub(r"^\s*[%!].*$", "", code, flags=re.M)
    return ast.parse(plain)


def _modules(tree: ast.AST, library: Path, folder: Path) -> Iterator[Path]:
    """Yield the library's files that a piece of code imports."""
    for name in _imports(tree, folder, library):
        if name.split(".")[0] != LIBRARY:
            continue
        parts = name.split(".")
        for end in range(1, len(parts) + 1):
            base = library.parent.joinpath(*parts[:end])
            for path in (base / "__init__.py", base.with_suffix(".py")):
                if path.is_file():
                    yield path


def _imports(tree: ast.AST, folder: Path, library: Path) -> Iterator[str]:
    """Yield the dotted names that a piece of code imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                here = folder.relative_to(library.parent).parts
                here = here[: len(here) - node.level + 1]
                base = ".".join([*here, *([base] if base else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _constants(tree: ast.AST) -> Iterator[str]:
    """Yield the string constants of a piece of code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _files(words: set[str], root: Path) -> Iterator[Path]:
    """Yield the data files that the words of one module can mean.

    A word may be a file's name, its stem, or how its name begins (`f"pairs.{part}"`). A
    module that names the folder but none of its files may read any of them.
    """
    parts = {part for word in words for part in re.split(r"[\\/]", word) if part}
    for folder in (root / "book" / "data", root / "benchmarks" / "results"):
        found = [p for p in sorted(folder.rglob("*")) if p.is_file()]
        named = [p for p in found if any(_means(part, p.name) for part in parts)]
        yield from named or (found if folder.name in parts else [])


def _means(part: str, name: str) -> bool:
    """Say whether a part of a word can stand for a file of that name."""
    return part == name.split(".")[0] or (len(part) > 3 and name.startswith(part))


def _packages(tree: ast.AST) -> Iterator[str]:
    """Yield the top-level names of the packages that a piece of code imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module.split(".")[0]


def _distributions(imported: Iterable[str]) -> set[str]:
    known = _installed()
    return {
        known[name][0]
        for name in imported
        if name in known and name not in sys.stdlib_module_names
    }


@cache
def _installed() -> dict[str, list[str]]:
    return dict(packages_distributions())


def python_for(packages: Iterable[str]) -> str:
    """Return the oldest Python, from 3.10 on, that all packages as pinned run on."""
    wanted = [metadata(name).get("Requires-Python") or "" for name in packages]
    found = [re.search(r">=\s*3\.(\d+)", text) for text in wanted]
    return f"3.{max([10, *(int(match[1]) for match in found if match)])}"


def pinned(packages: Iterable[str]) -> list[str]:
    """Return `name==version` of each package, without a build's local label."""
    return [f"{name}=={version(name).split('+')[0]}" for name in packages]
