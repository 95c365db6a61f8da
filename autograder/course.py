"""Where the parts of a course stand, and how files in it are written."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

FOLDERS = {  # where they are if no nbgrader_config.py says it; else nbgrader's way
    "source": "build/source",
    "release": "exercises",
    "submitted": "build/submitted",
    "autograded": "build/autograded",
    "feedback": "build/feedback",
}
SETTINGS = "nbgrader_config.py"
SQLITE = "sqlite:///"
GOOD, ODD, UNUSABLE, STOPPED = 0, 1, 2, 130  # how a command may end


class CourseError(Exception):
    """Something an author or instructor can mend: says what is wrong and what to do."""


@dataclass(frozen=True)
class Course:
    """The places of one course. nbgrader's own are read from its nbgrader_config.py.

    That file is read once, when one of those places is first asked for: it imports
    nbgrader, which takes a second that not every command should pay.
    """

    root: Path

    @classmethod
    def load(cls, root: Path) -> Course:
        """Return the course in a folder, or raise CourseError if there is none."""
        if not root.is_dir():
            raise CourseError(f"{root} is no folder: --course takes a course's.")
        return cls(root.resolve())

    @classmethod
    def of_nbgrader(cls, config: Any) -> Course:
        """Return the course that nbgrader works in, by its own settings."""
        return cls.load(Path(config.CourseDirectory.get("root") or Path.cwd()))

    @property
    def solutions(self) -> Path:
        """Return the folder of the hand-written assignments."""
        return self.root / "solutions"

    @property
    def book(self) -> Path:
        """Return the folder of the chapters."""
        return self.root / "book"

    @property
    def build(self) -> Path:
        """Return the folder of everything generated and not committed."""
        return self.root / "build"

    @cached_property
    def has_settings(self) -> bool:
        """Whether the course has an nbgrader_config.py."""
        return (self.root / SETTINGS).is_file()

    @cached_property
    def settings(self) -> Any:
        """The settings in the course's nbgrader_config.py; empty without one."""
        from traitlets.config import Config
        from traitlets.config.loader import PyFileConfigLoader

        if not self.has_settings:
            return Config()
        path = self.root / SETTINGS
        try:
            return PyFileConfigLoader(path.name, str(self.root)).load_config()
        except ModuleNotFoundError:
            raise  # the command line says how to get what is missing
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            raise CourseError(f"{path} cannot be read: {what}. Mend it.") from error

    def setting(self, name: str, ours: str, nbgraders: str) -> str:
        """Return a setting of nbgrader's CourseDirectory, or what holds without it."""
        default = nbgraders if self.has_settings else ours
        return str(self.settings.get("CourseDirectory", {}).get(name) or default)

    def folder(self, step: str) -> Path:
        """Return the folder of one of nbgrader's steps."""
        root = self.root / self.setting("root", "", "")
        return root / self.setting(f"{step}_directory", FOLDERS[step], step)

    @property
    def source(self) -> Path:
        """Return the folder of the notebooks with their solutions."""
        return self.folder("source")

    @property
    def exercises(self) -> Path:
        """Return the folder of the notebooks that students get."""
        return self.folder("release")

    @property
    def submitted(self) -> Path:
        """Return the folder of what students hand in."""
        return self.folder("submitted")

    @property
    def autograded(self) -> Path:
        """Return the folder of the graded notebooks."""
        return self.folder("autograded")

    @property
    def feedback(self) -> Path:
        """Return the folder of the pages of feedback."""
        return self.folder("feedback")

    def graded(self, student: str, name: str) -> Path:
        """Return a student's graded notebook."""
        return self.autograded / student / name / f"{name}.ipynb"

    @property
    def db_url(self) -> str:
        """The address of the gradebook; a file's is made absolute."""
        ours, nbgraders = (f"{SQLITE}{x}gradebook.db" for x in ("build/", ""))
        url = self.setting("db_url", ours, nbgraders)
        path = url.removeprefix(SQLITE)
        return url if path == url else f"{SQLITE}{self.root / path}"

    @property
    def course_id(self) -> str:
        """Return the course's name in the gradebook."""
        return self.setting("course_id", "", "")

    @property
    def gradebook(self) -> Path | None:
        """The file of the gradebook; None if it is a database server's."""
        path = self.db_url.removeprefix(SQLITE)
        return None if path == self.db_url else Path(path)

    @property
    def private(self) -> list[str]:
        """Return what no submission may see: answers, marks and others' work."""
        folders = [self.solutions, self.source, self.submitted, self.autograded]
        return [str(path) for path in (*folders, self.feedback, self.gradebook) if path]

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
