"""Penalties for late submissions, by the rule that nbgrader is configured to use."""

from __future__ import annotations

import sys
from typing import Any

from autograder.course import Course, CourseError
from autograder.gradebook.errors import quiet_log


class Penalties:
    """nbgrader's preprocessor of late submissions, and the plugin with its rule."""

    def __init__(self, course: Course) -> None:
        from nbgrader.preprocessors import AssignLatePenalties
        from traitlets import TraitError

        root, place = str(course.root), list(sys.path)
        sys.path.insert(0, root)  # where nbgrader finds plugins: it runs there
        try:
            self.nbgraders = AssignLatePenalties(config=course.settings)
            self.nbgraders.log = quiet_log()
            self.nbgraders.init_plugin()
        except (TraitError, ImportError) as error:
            raise CourseError(
                f"The rule for late work cannot be used: {error}. Mend "
                "c.AssignLatePenalties.plugin_class in nbgrader_config.py, or the file "
                "that it names."
            ) from error
        finally:
            sys.path[:] = place
        self.plugin = self.nbgraders.plugin_inst
        self.plugin.log = quiet_log()

    def due(self, submission: Any, notebook: Any) -> float | None:
        """Return the penalty of a submitted notebook, None if it was in time."""
        late = submission.total_seconds_late
        if late <= 0:
            return None
        penalty = self.plugin.late_submission_penalty(
            submission.student.id, notebook.score, late
        )
        if penalty is None:
            return None
        return float(self.nbgraders._check_late_penalty(notebook, penalty))

    def record(self, gradebook: Any, submission: Any, notebook: Any) -> None:
        """Record the penalty of a submitted notebook whose marks are written."""
        gradebook.db.refresh(notebook)
        notebook.late_submission_penalty = self.due(submission, notebook)
