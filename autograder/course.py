"""Where the parts of a course stand, and how files in it are written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class CourseError(Exception):
    """Something an author or instructor can mend: says what is wrong and what to do."""


@dataclass(frozen=True)
class Course:
    """The folders of one course, all below `root`."""

    root: Path

    @property
    def solutions(self) -> Path:
        """Return the folder of the hand-written assignments."""
        return self.root / "solutions"

    @property
    def exercises(self) -> Path:
        """Return the folder of the notebooks that students get."""
        return self.root / "exercises"

    @property
    def book(self) -> Path:
        """Return the folder of the chapters."""
        return self.root / "book"

    @property
    def build(self) -> Path:
        """Return the folder of everything generated and not committed."""
        return self.root / "build"

    @property
    def source(self) -> Path:
        """Return nbgrader's source directory."""
        return self.build / "source"

    @property
    def submitted(self) -> Path:
        """Return nbgrader's submitted directory."""
        return self.build / "submitted"

    @property
    def autograded(self) -> Path:
        """Return nbgrader's autograded directory."""
        return self.build / "autograded"

    @property
    def feedback(self) -> Path:
        """Return nbgrader's feedback directory."""
        return self.build / "feedback"

    @property
    def gradebook(self) -> Path:
        """Return the file of the default gradebook."""
        return self.build / "gradebook.db"

    def names(self) -> list[str]:
        """Return the names of all assignments, sorted."""
        found = self.solutions.glob("*/*.py")
        return sorted(path.stem for path in found if path.stem == path.parent.name)

    def solution(self, name: str) -> Path:
        """Return the solution file of an assignment; raise CourseError if none."""
        self.choose([name])
        return self.solutions / name / f"{name}.py"

    def choose(self, wanted: list[str]) -> list[str]:
        """Return the assignments asked for, all when none is; refuse unknown ones."""
        names = self.names()
        if wanted and not names:
            raise CourseError(
                f"{self.root} is no course: {self.solutions} holds no assignment. "
                "Give the folder of one with --course."
            )
        unknown = [name for name in wanted if name not in names]
        if unknown:
            raise CourseError(
                f"No assignment is called {', '.join(map(repr, unknown))}. "
                f"There {'are' if len(names) > 1 else 'is'}: "
                f"{', '.join(names) or 'none'} (folders of {self.solutions})."
            )
        if not names:
            raise CourseError(
                f"{self.solutions} holds no assignment. Write one as "
                f"{self.solutions}/NAME/NAME.py; CONTRIBUTING.md has the format."
            )
        return wanted or names


def default_course() -> Course:
    """Return the course that this package stands in."""
    return Course(Path(__file__).resolve().parents[1])
