"""What stands for what a notebook can't have here: a command's lines, IPython."""

from __future__ import annotations

from typing import Any

NO_PROGRAM = "the grader starts no programs"


class NotRun(IndexError):
    """The lines of a command were asked for that the grader did not run."""


class NotRunLines(list[str]):
    """The lines of a command that did not run: none, and asking for one says why."""

    def __init__(self, command: str) -> None:
        text = f"`{command[:500]}` was not run: {NO_PROGRAM}, so it has no lines."
        self.error = NotRun(text)

    def refuse(self) -> Any:
        """Say that there are no lines, and why."""
        raise self.error

    def __getitem__(self, place: Any) -> Any:
        """Return a line that the student added."""
        return list.__getitem__(self, place) if self else self.refuse()

    def pop(self, *place: Any) -> Any:
        """Return a line that the student added, and take it out."""
        return list.pop(self, *place) if self else self.refuse()

    def grep(self, *_: Any, **__: Any) -> NotRunLines:
        """Return the lines that match: none."""
        return self

    fields = grep

    def __getattr__(self, name: str) -> Any:
        """Return the lines under IPython's names for them; refuse them as one text."""
        if name in ("l", "list", "get_list"):
            return self
        if name in ("n", "s", "p", "nlstr", "spstr", "paths"):
            return self.refuse()
        raise AttributeError(name)


class Nothing:
    """What stands for a part of IPython that is not here: ask, and get nothing."""

    def __getattr__(self, name: str) -> Nothing:
        """Return nothing for a part of it; Python's own names are not there."""
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __repr__(self) -> str:
        """Say what it is."""
        return "(a part of IPython that the grader does not have)"

    def __call__(self, *_: Any, **__: Any) -> Nothing:
        """Do nothing."""
        return self

    def __getitem__(self, key: Any) -> Nothing:
        """Return nothing."""
        return self

    def __setitem__(self, key: Any, value: Any) -> None:
        """Do nothing."""

    def __iter__(self) -> Any:
        """Iterate over nothing."""
        return iter(())

    def __contains__(self, value: Any) -> bool:
        """Say that nothing holds no value."""
        return False

    def __bool__(self) -> bool:
        """Say that it is nothing."""
        return False
