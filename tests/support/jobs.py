"""One submission of the tiny assignment, graded without torch or a wall."""

from autograder.grading.judge import grade_job
from autograder.model.job import Job
from tests.support.engines import Plain
from tests.support.hand_ins import NAME, as_bytes, solved, tiny_assignment


def job(content=None, **more):
    source = tiny_assignment().path.read_text()
    content = as_bytes(solved()) if content is None else content
    return Job("ada", content, NAME, source, **more)


def grade(content=None, **more):
    return grade_job(job(content, **more), Plain("bwrap"))
