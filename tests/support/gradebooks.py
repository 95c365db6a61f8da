"""A class graded without torch or a wall, and what its gradebook says."""

import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace

from autograder.course import Course
from autograder.grading.grade import Options, grade
from tests.support.hand_ins import NAME

PLAIN = Options(jobs=1, engine="tests.support.engines:Plain")
WRONG = "def total(x, axis=-1):\n    return 0"


def run(course, **more):
    """Grade the class as it is set up now; return the verdicts by student."""
    steps = list(grade(Course.load(course.root), NAME, replace(PLAIN, **more)))
    return {step.verdict.student: step.verdict for step in steps}


@contextmanager
def opened(course, url=None):
    """Open the gradebook as nbgrader does."""
    from nbgrader.api import Gradebook

    url = url or f"sqlite:///{course.gradebook}"
    with Gradebook(url, "attention") as gradebook:
        yield gradebook


def contents(course, url=None):
    """Return all that a gradebook says of submissions, by student."""
    with opened(course, url) as gradebook:
        return {
            submission.student.id: {
                "timestamp": submission.timestamp,
                "score": submission.score,
                "needs_manual_grade": submission.needs_manual_grade,
                "failed_tests": submission.notebooks[0].failed_tests,
                "penalty": submission.notebooks[0].late_submission_penalty,
                "grades": {
                    g.name: (
                        g.auto_score,
                        g.manual_score,
                        g.extra_credit,
                        g.needs_manual_grade,
                        g.score,
                    )
                    for g in submission.notebooks[0].grades
                },
                "comments": {
                    c.name: (c.auto_comment, c.manual_comment)
                    for c in submission.notebooks[0].comments
                },
            }
            for submission in gradebook.assignment_submissions(NAME)
        }


def nbgrader(course, *arguments):
    """Run an nbgrader command in a course."""
    command = [sys.executable, "-m", "nbgrader", *arguments]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
