"""What a notebook page can depend on: modules, data files and packages."""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import metadata, packages_distributions, version
from pathlib import Path

from sphinx.application import Sphinx

LIBRARY = "attention"
STANDARD = sys.stdlib_module_names
BESIDE = (".js", ".css")  # what stands beside the modules that read it
OLDEST_PYTHON = 11  # of 3.x: the course promises no older one


@dataclass(frozen=True)
class Needs:
    """All that the output of a page's cells can depend on, besides the cells."""

    modules: tuple[Path, ...]
    files: tuple[Path, ...]
    packages: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """What a piece of code imports, by dotted names, and the words in its strings."""

    imports: frozenset[str]
    words: frozenset[str]


class Tracer:
    """Follows imports and file names through the library, each module once.

    A tracer is for one build: it does not see an edit to what it has read.
    """

    def __init__(self, root: Path) -> None:
        """Remember the course's root, which holds `book/attention` and `book/data`."""
        self.root = root
        self.library = root / "book" / LIBRARY
        self._facts: dict[Path, Facts] = {}
        self._needs: dict[str, Needs] = {}

    def trace(self, code: str) -> Needs:
        """Follow imports and file names from a page's code."""
        if code not in self._needs:
            self._needs[code] = self._follow(read_facts(code, ()))
        return self._needs[code]

    @cached_property
    def library_files(self) -> tuple[Path, ...]:
        """All that makes the library: modules, and the scripts and styles they read."""
        found = sorted(self.library.rglob("*"))
        return tuple(p for p in found if p.suffix in (".py", *BESIDE) and p.is_file())

    @cached_property
    def library_packages(self) -> tuple[str, ...]:
        """The packages that the library imports."""
        modules = [path for path in self.library_files if path.suffix == ".py"]
        return find_distributions(self._read_module(path) for path in modules)

    @cached_property
    def _data(self) -> dict[Path, list[Path]]:
        """The data files, by their folder."""
        folders = self.root / "book" / "data", self.root / "benchmarks" / "results"
        return {
            folder: [path for path in sorted(folder.rglob("*")) if path.is_file()]
            for folder in folders
        }

    def _follow(self, start: Facts) -> Needs:
        modules: dict[Path, Facts] = {}
        waiting = list(self._find_modules(start))
        while waiting:
            path = waiting.pop()
            if path not in modules:
                modules[path] = self._read_module(path)
                waiting += self._find_modules(modules[path])
        read = [start, *modules.values()]
        beside = {p for module in modules.items() for p in self._find_beside(*module)}
        files = {path for facts in read for path in self._find_data(facts)}
        return Needs(
            modules=tuple(sorted(beside | set(modules))),
            files=tuple(sorted(files)),
            packages=find_distributions(read),
        )

    def _read_module(self, path: Path) -> Facts:
        if path not in self._facts:
            package = path.parent.relative_to(self.library.parent).parts
            self._facts[path] = read_facts(path.read_text(encoding="utf-8"), package)
        return self._facts[path]

    def _find_modules(self, facts: Facts) -> Iterator[Path]:
        """Yield the library's files that are imported, packages on the way too."""
        for name in facts.imports:
            parts = name.split(".")
            if parts[0] != LIBRARY:
                continue
            for end in range(1, len(parts) + 1):
                base = self.library.parent.joinpath(*parts[:end])
                for path in (base / "__init__.py", base.with_suffix(".py")):
                    if path.is_file():
                        yield path

    def _find_beside(self, module: Path, facts: Facts) -> Iterator[Path]:
        """Yield the scripts and styles of the library that a module can read.

        It names them, or has their name (`Path(__file__).with_suffix(".js")`).
        """
        words = {Path(word).name for word in facts.words}
        for path in self.library_files:
            mine = path.name in words or path.with_suffix(".py") == module
            if path.suffix in BESIDE and mine:
                yield path

    def _find_data(self, facts: Facts) -> Iterator[Path]:
        """Yield the data files that the words of one module can mean.

        A word may be a file's name, its stem, or how its name begins
        (`f"pairs.{part}"`). A module that names the folder but none of its files may
        read any of them.
        """
        parts = {part for word in facts.words for part in re.split(r"[\\/]", word)}
        parts.discard("")
        for folder, found in self._data.items():
            named = [p for p in found if any(_means(part, p.name) for part in parts)]
            yield from named or (found if folder.name in parts else [])


@cache
def tracer_of(app: Sphinx) -> Tracer:
    """Return the one tracer of a build."""
    return Tracer(Path(app.srcdir))


def read_facts(code: str, package: tuple[str, ...]) -> Facts:
    """Parse code of a package; lines that only IPython understands are left out.

    Raises:
        SyntaxError: if what is left is no Python.

    """
    tree = ast.parse(re.sub(r"^\s*[%!].*$", "", code, flags=re.M))
    constants = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]
    return Facts(
        imports=frozenset(_find_imports(tree, package)),
        words=frozenset(word for word in constants if isinstance(word, str)),
    )


def _find_imports(tree: ast.AST, package: tuple[str, ...]) -> Iterator[str]:
    """Yield the dotted names that code imports: modules, and perhaps what is in them.

    What `from a import b` takes may be a module `a.b` as well.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                here = package[: len(package) - node.level + 1]
                base = ".".join([*here, *([base] if base else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _means(part: str, name: str) -> bool:
    """Say whether a part of a word can stand for a file of that name."""
    return part == name.split(".")[0] or (len(part) > 3 and name.startswith(part))


def find_distributions(read: Iterable[Facts]) -> tuple[str, ...]:
    """Return the packages, by the names they are installed by, that code imports."""
    imported = {name.split(".")[0] for facts in read for name in facts.imports}
    known = _list_installed()
    found = {known[name][0] for name in imported & set(known) - STANDARD}
    return tuple(sorted(found))


@cache
def _list_installed() -> dict[str, list[str]]:
    return dict(packages_distributions())


def oldest_python_for(packages: Iterable[str]) -> str:
    """Return the oldest Python that all packages as installed run on."""
    wanted = [metadata(name).get("Requires-Python") or "" for name in packages]
    found = [re.search(r">=\s*3\.(\d+)", text) for text in wanted]
    return f"3.{max([OLDEST_PYTHON, *(int(match[1]) for match in found if match)])}"


def pin_versions(packages: Iterable[str]) -> list[str]:
    """Return `name==version` of each package, without a build's local label."""
    return [f"{name}=={version(name).split('+')[0]}" for name in packages]
