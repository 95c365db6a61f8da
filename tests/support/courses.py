"""Courses of a test's own."""

from pathlib import Path

from tests.support.places import ROOT


def copy_config(root: Path, walled: bool) -> None:
    """Copy the course's nbgrader_config.py to another course, the wall on or off."""
    text = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    start, switch, rest = text.partition("WALLED = True\n")
    assert switch, "nbgrader_config.py has no switch of the wall"
    text = f"{start}WALLED = {walled}\n{rest}"
    (root / "nbgrader_config.py").write_text(text, encoding="utf-8")
