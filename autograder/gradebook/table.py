"""nbgrader's table of marks, with quotation marks where a name needs them.

For nbgrader's `export`, in `nbgrader_config.py`:

    c.ExportApp.plugin_class = "autograder.gradebook.table.QuotedCsv"

nbgrader's own exporter writes a student named "Müller, Zoë" as two columns.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins import ExportPlugin

COLUMNS = (
    "assignment duedate timestamp student_id last_name first_name email raw_score "
    "late_submission_penalty score max_score"
).split()


class QuotedCsv(ExportPlugin):
    """A row a student and assignment, in UTF-8, as programs read CSV."""

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
        for student in gradebook.students:
            if wanted and student.id not in wanted:
                continue
            when, raw, penalty = None, 0.0, 0.0
            try:
                submission = gradebook.find_submission(assignment.name, student.id)
            except MissingEntry:
                pass
            else:
                when, raw = submission.timestamp, submission.score
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
                "max_score": assignment.max_score,
            }
