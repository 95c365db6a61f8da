"""nbgrader's table of marks, with quotation marks where a name needs them.

For nbgrader's `export`, in `nbgrader_config.py`:

    c.ExportApp.plugin_class = "autograder.gradebook.table.QuotedCsv"

nbgrader's own exporter writes a student named "Müller, Zoë" as two columns.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.api import SubmittedAssignment as Submitted
from nbgrader.plugins import ExportPlugin
from sqlalchemy.orm import undefer

from autograder.course import Course
from autograder.intake.handed_in import handed_in

COLUMNS = (
    "assignment duedate timestamp student_id last_name first_name email raw_score "
    "late_submission_penalty score max_score remark"
).split()
NOTHING, NOT_GRADED = "nothing handed in", "not graded yet"


class QuotedCsv(ExportPlugin):
    """A row a student and assignment, in UTF-8, as programs read CSV.

    To nbgrader's columns it adds a remark on who has no marks.
    """

    def export(self, gradebook: Gradebook) -> None:
        """Write the table to `self.to`, of those that were asked for or of all."""
        target = Path(self.to or "grades.csv")
        self.log.info("Exporting grades to %s", target)
        with target.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            table.writeheader()
            for assignment in gradebook.assignments:
                if not self.assignment or assignment.name in self.assignment:
                    table.writerows(self.rows(gradebook, assignment))

    def rows(self, gradebook: Gradebook, assignment: Any) -> Iterator[dict[str, Any]]:
        """Yield a row for each student; who handed nothing in has 0 points."""
        wanted = {str(student) for student in self.student}
        waiting = self.handed_in(assignment.name)
        found = {one.student_id: one for one in with_scores(gradebook, assignment)}
        most = assignment.max_score
        for student in gradebook.students:
            if wanted and student.id not in wanted:
                continue
            when, raw, penalty = None, 0.0, 0.0
            remark = NOT_GRADED if student.id in waiting else NOTHING
            if submission := found.get(student.id):
                when, raw, remark = submission.timestamp, submission.score, ""
                penalty = submission.late_submission_penalty
            yield {
                "assignment": assignment.name,
                "duedate": assignment.duedate,
                "timestamp": when,
                "student_id": student.id,
                "last_name": student.last_name,
                "first_name": student.first_name,
                "email": student.email,
                "raw_score": raw,
                "late_submission_penalty": penalty,
                "score": max(0.0, raw - penalty),
                "max_score": most,
                "remark": remark,
            }

    def handed_in(self, name: str) -> set[str]:
        """Return whose work lies there."""
        with suppress(OSError):
            return set(handed_in(Course.of_nbgrader(self.config).submitted, name))
        return set()


def with_scores(gradebook: Gradebook, assignment: Any) -> Any:
    """Return the submissions of an assignment with their scores, in one query."""
    mine = gradebook.db.query(Submitted).filter_by(assignment_id=assignment.id)
    return mine.options(undefer(Submitted.score))
