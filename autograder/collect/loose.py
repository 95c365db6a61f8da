"""What to do with files that lie in no folder of their student's."""

from __future__ import annotations

import re
import shlex

from autograder.collect.platforms import is_nb, matched
from autograder.intake.notebook_file import plain_name

PARTING = r"[-_ .]+"


def way_on(paths: list[str], name: str) -> str:
    """Return the cure where no folder is a student's: a pattern, if one fits all."""
    if all(path.lower().endswith(".zip") for path in paths):
        return (
            "These are ZIP archives: unpack each into a folder of its own, and give "
            "the folder that holds them all."
        )
    if pattern := offer_pattern(paths, name):
        return f"Say how with --pattern {pattern}"
    return (
        "If no --pattern can tell whose a file is, put each by hand into "
        f"build/submitted/STUDENT/{name}/."
    )


def offer_pattern(paths: list[str], name: str) -> str:
    """Return a pattern by which files' names tell all apart, quoted; or nothing."""
    notebooks = list(filter(is_nb, paths))
    fit = (p for p in file_patterns(name) if tells_all_apart(p, notebooks, name))
    return shlex.quote(pattern) if (pattern := next(fit, "")) else ""


def file_patterns(name: str) -> tuple[str, ...]:
    """Return patterns for names of files that hold a student's."""
    own = re.escape(name)
    return (
        rf"(?:.*/)?(?P<file_id>(?P<student_id>[^/]+?){PARTING}{own}[^/]*)",
        rf"(?:.*/)?(?P<file_id>{own}{PARTING}(?P<student_id>[^/]+)\.ipynb)",
        rf"(?:.*/)?(?P<file_id>(?P<student_id>(?!{own})[^/]+)\.ipynb)",
    )


def tells_all_apart(pattern: str, paths: list[str], name: str) -> bool:
    """Whether a pattern finds another student in each of all paths."""
    found = {
        match["student_id"].casefold()
        for path in paths
        if (match := matched(pattern, path))
        and plain_name(match["file_id"]) != plain_name(name)
        and not match["student_id"].casefold().startswith("untitled")
    }
    return 0 < len(paths) == len(found)
