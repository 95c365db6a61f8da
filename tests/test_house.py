"""What holds for every module of a package: no name twice, nothing too long."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.places import ROOT

PACKAGES = [
    ROOT / "book" / "attention",
    ROOT / "autograder",
    ROOT / "book" / "_ext" / "course_site",
]
FIXED_FROM_OUTSIDE = {"setup", "LOGGER"}  # customs of Sphinx, one a module
LINES_OF_A_FUNCTION = 40
LINES_OF_A_MODULE = 300

each_package = pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)


def modules(package: Path) -> list[Path]:
    return sorted(package.rglob("*.py"))


def defined(tree: ast.Module) -> Iterator[str]:
    """Yield the names that a module defines at its top level, private ones as well."""
    for node in tree.body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Assign(targets=targets):
                yield from (name for target in targets for name in bound(target))
            case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
                yield from bound(target)


def bound(target: ast.expr) -> Iterator[str]:
    """Yield the names that an assignment binds; `__all__` and its like don't count."""
    for node in ast.walk(target):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            if not node.id.startswith("__"):
                yield node.id


def doubles(package: Path) -> dict[str, list[str]]:
    """Return the names that more than one module defines, with those modules."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in modules(package):
        for name in set(defined(ast.parse(path.read_text("utf-8")))):
            found[name].append(str(path.relative_to(package)))
    twice = {name: places for name, places in found.items() if len(places) > 1}
    return {n: places for n, places in twice.items() if n not in FIXED_FROM_OUTSIDE}


def long_functions(package: Path) -> dict[str, int]:
    """Return the functions that are too long, methods as well, with their lines."""
    return {
        f"{path.relative_to(package)}:{node.lineno} {node.name}": lines
        for path in modules(package)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > LINES_OF_A_FUNCTION
    }


@each_package
def test_no_name_is_defined_in_two_modules(package):
    assert not doubles(package)


@each_package
def test_a_function_fits_on_a_screen(package):
    assert not long_functions(package)


@each_package
def test_a_module_is_read_in_one_sitting(package):
    lines = {
        path: len(path.read_text("utf-8").splitlines()) for path in modules(package)
    }
    assert lines
    assert not {p: n for p, n in lines.items() if n > LINES_OF_A_MODULE}


def test_a_name_that_stands_twice_is_found_wherever_it_stands(tmp_path):
    (tmp_path / "room").mkdir()
    one = "import os\nA, B = 1, 2\nC: int = 3\ndef d(): x = 1\nclass E: y = 1\n"
    (tmp_path / "one.py").write_text(f"{one}__all__ = ['d']\n")
    (tmp_path / "room" / "two.py").write_text(
        "import os\nB = C = 0\nasync def d(): x = 2\nE = 1\nfor F in (): y = 1\n"
        "__all__ = []\n"
    )
    both = ["one.py", "room/two.py"]
    assert doubles(tmp_path) == dict.fromkeys("BCdE", both)


def test_a_long_method_is_found(tmp_path):
    body = "\n".join("        pass" for _ in range(LINES_OF_A_FUNCTION))
    (tmp_path / "one.py").write_text(f"class A:\n    def f(self):\n{body}\n")
    assert long_functions(tmp_path) == {"one.py:2 f": LINES_OF_A_FUNCTION + 1}


WHERE = ("", "autograder", "book/_ext", "book/_ext/course_site")
NAMED = re.compile(r"`([\w./-]+\.(?:py|sh|toml|txt|md))`")
EXAMPLES = {"book/NN_topic.md", "solutions/NN_topic/NN_topic.py", "mistakes.py"}


def test_each_file_that_the_architecture_names_is_there():
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    named = set(NAMED.findall(text)) - EXAMPLES
    named |= set(re.findall(r"tests/[\w/]+\.py", text))
    assert len(named) > 50
    lost = [n for n in named if not any((ROOT / w / n).is_file() for w in WHERE)]
    assert not lost, lost


def test_each_room_of_the_grader_stands_in_the_architecture():
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    rooms = [path.parent.name for path in (ROOT / "autograder").glob("*/__init__.py")]
    assert [room for room in rooms if f"`{room}/`" not in text] == []
