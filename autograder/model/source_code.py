"""What a Python source defines and uses, told from its syntax tree."""

from __future__ import annotations

import ast
import copy
from functools import lru_cache


def definitions(source: str) -> list[ast.FunctionDef | ast.ClassDef]:
    """Return the functions and classes that stand at the top level of a source."""
    kinds = (ast.FunctionDef, ast.ClassDef)
    return [node for node in ast.parse(source).body if isinstance(node, kinds)]


def signature(node: ast.FunctionDef | ast.ClassDef) -> str:
    """Return how a definition is called: `softmax(x, axis=-1)`, types left out."""
    if isinstance(node, ast.FunctionDef):
        return f"{node.name}({plain_arguments(node.args)})"
    for part in node.body:
        if isinstance(part, ast.FunctionDef) and part.name == "__init__":
            return f"{node.name}({plain_arguments(part.args).partition(', ')[2]})"
    return f"{node.name}()"


def plain_arguments(args: ast.arguments) -> str:
    """Return the arguments of a definition as text, types left out."""
    bare = copy.deepcopy(args)
    stars = [arg for arg in (bare.vararg, bare.kwarg) if arg]
    for arg in [*bare.posonlyargs, *bare.args, *bare.kwonlyargs, *stars]:
        arg.annotation = None
    return ast.unparse(bare)


def defined_names(source: str) -> tuple[tuple[str, str], ...]:
    """Return what a reference solution defines: (name, function, class or value)."""
    found: dict[str, str] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found[node.name] = "function"
        elif isinstance(node, ast.ClassDef):
            found[node.name] = "class"
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            for name in ast.walk(node):
                if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store):
                    found[name.id] = "value"
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                found[alias.asname or alias.name.partition(".")[0]] = "import"
    return tuple(found.items())


@lru_cache(maxsize=1024)
def names_read(source: str) -> frozenset[str]:
    """Return the names that a source reads."""
    nodes = ast.walk(ast.parse(source))
    return frozenset(node.id for node in nodes if isinstance(node, ast.Name))


def free_names(source: str) -> set[str]:
    """Return the names that a source reads and does not define itself."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return set()
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    stored = {node.id for node in nodes if not isinstance(node.ctx, ast.Load)}
    arguments = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    return {node.id for node in nodes} - stored - arguments - top_level_names(source)


def top_level_names(source: str) -> set[str]:
    """Return the names that a source defines at its top level."""
    try:
        return {name for name, _ in defined_names(source)}
    except SyntaxError:
        return set()
