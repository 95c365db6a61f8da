"""nbgrader's own settings of a course: its folders, its gradebook, its plugins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autograder.course import Course, CourseError
from autograder.gradebook.errors import quiet_log


def nbgrader_config(course: Course) -> Any:
    """Return the settings in the course's nbgrader_config.py, defaults filled in."""
    from traitlets.config import Config
    from traitlets.config.loader import PyFileConfigLoader

    config = Config()
    folders = {
        "source_directory": course.source,
        "release_directory": course.exercises,
        "submitted_directory": course.submitted,
        "autograded_directory": course.autograded,
        "feedback_directory": course.feedback,
    }
    config.CourseDirectory.root = str(course.root)
    for setting, folder in folders.items():
        config.CourseDirectory[setting] = str(folder.relative_to(course.root))
    config.CourseDirectory.db_url = f"sqlite:///{course.gradebook}"
    path = course.root / "nbgrader_config.py"
    if path.is_file():
        try:
            config.merge(PyFileConfigLoader(path.name, str(course.root)).load_config())
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            raise CourseError(f"{path} cannot be read: {what}. Mend it.") from error
    return config


def course_directory(config: Any) -> Any:
    """Return nbgrader's view of the course's folders."""
    from nbgrader.coursedir import CourseDirectory

    directory = CourseDirectory(config=config)
    directory.log = quiet_log()
    return directory


def submitted(course: Course) -> Path:
    """Return the folder of the submissions, as nbgrader's settings have it."""
    folders = course_directory(nbgrader_config(course))
    return Path(folders.root) / str(folders.submitted_directory)
