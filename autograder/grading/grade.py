"""Grade a class: read, look up or run, record. What was done is never done twice.

    handed in -> jobs -> (journal, or pool or cluster) -> verdicts -> gradebook

Each verdict goes into the journal before it goes into the gradebook, and each student's
marks are one transaction: whatever ends a run, the same command goes on where it ended.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

from autograder.authoring.catalogue import catalogue_text
from autograder.authoring.percent import read_source
from autograder.authoring.solution_file import read_assignment
from autograder.course import Course, CourseError
from autograder.gradebook.entry import Entry
from autograder.gradebook.writer import Writer
from autograder.grading.autograded import autograded_notebook, notebook_text
from autograder.grading.journal import Journal
from autograder.grading.pool import ENGINE, Pool
from autograder.intake.handed_in import HandedIn, handed_in, read_student
from autograder.intake.take_in import lighten, take_in
from autograder.model.assignment import Assignment
from autograder.model.job import Job
from autograder.model.submission import Rejected, Submission
from autograder.model.verdict import (
    Graded,
    Printed,
    Verdict,
    reject_submission,
    sha256,
)

SOME = 5


@dataclass(frozen=True)
class Options:
    """What one run of `grade` was asked to do."""

    students: str = "*"
    jobs: int = 0
    scheduler: str | None = None
    regrade: bool = False
    sandbox: str = "bwrap"
    limits: dict[str, float] = field(default_factory=dict)
    engine: str = ENGINE

    @property
    def workers(self) -> int:
        """How many workers to start: as many as there are cores, if none is said."""
        return self.jobs or len(os.sched_getaffinity(0))


@dataclass(frozen=True)
class SubmissionDone:
    """One submission done: its verdict, and whether it had to be run."""

    verdict: Verdict
    ran: bool
    done: int
    total: int
    busy: tuple[str, ...] = ()


def grade(course: Course, name: str, options: Options) -> Iterator[SubmissionDone]:
    """Grade an assignment, yielding a step for each submission when it is recorded."""
    run = ClassRun(course, name, options)
    with ExitStack() as stack:
        if not len(run.journal):
            run.begin(stack)  # someone will have to be run
        students = run.students()
        run.writer = stack.enter_context(Writer(course, run.assignment))
        yield from run.steps(students)


class ClassRun:
    """The state of one run."""

    writer: Writer

    def __init__(self, course: Course, name: str, options: Options) -> None:
        self.course, self.name, self.options = course, name, options
        path = course.solution(name)
        self.assignment: Assignment = read_assignment(path)
        self.source = read_source(path)
        self.mistakes = catalogue_text(path)
        self.journal = Journal(course.build / "autograder" / f"{name}.journal")
        self.done = self.total = 0
        self.pool: Pool | None = None

    def begin(self, stack: ExitStack) -> None:
        """Start to warm up the local pool, while nbgrader is read in."""
        if not self.options.scheduler:
            self.pool = self.local_pool()
            stack.callback(self.pool.end)
            self.pool.begin()

    def local_pool(self) -> Pool:
        """Return a pool of as many workers as may be wanted."""
        return Pool(self.options.workers, self.settings, self.options.engine)

    @property
    def settings(self) -> dict[str, Any]:
        """What an engine needs to start."""
        return {"sandbox": self.options.sandbox, "hidden": self.course.private}

    def students(self) -> list[str]:
        """Return who handed in, or raise CourseError if nobody did."""
        place = self.course.submitted
        try:
            students = handed_in(place, self.name, self.options.students)
            everyone = students or handed_in(place, self.name)
        except OSError as error:
            raise CourseError(
                f"{place} cannot be read: {error.strerror}. It has to be a "
                "folder with one for each student; mend it or its permissions."
            ) from error
        if not students:
            raise CourseError(self.nobody(everyone))
        self.total = len(students)
        return students

    def nobody(self, everyone: list[str]) -> str:
        """Return what to say where no submission is asked for."""
        place = f"{self.course.submitted}/{self.options.students}/{self.name}"
        cure = f"Put submissions at {self.course.submitted}/STUDENT/{self.name}."
        if everyone:
            some = ", ".join(everyone[:SOME]) + (", ..." if everyone[SOME:] else "")
            cure = f"{len(everyone)} handed in: {ascii(some)[1:-1]}."
        return f"No submission of {self.name!r} matches {place}. {cure}"

    def steps(self, students: list[str]) -> Iterator[SubmissionDone]:
        """Yield a step for each student; those who need no run come first."""
        waiting: list[str] = []
        for student in students:
            known = self.without_running(student)
            if known is None:
                waiting.append(student)
            else:
                yield from self.finish([known], False)
        if waiting:
            yield from self.running(waiting)

    def without_running(self, student: str) -> tuple[HandedIn, Graded] | None:
        """Return what is known of a submission that needs no run, or None."""
        handed = read_student(self.course.submitted, student, self.name)
        if isinstance(handed.content, Rejected):
            sha = self.job(handed, b"").assignment_sha256
            why = handed.content.reason
            verdict = reject_submission(handed.student, self.assignment, why, sha)
            return handed, Graded(verdict)
        if self.options.regrade:
            return None
        known = self.journal.get(self.job(handed, handed.content).key)
        return (handed, known) if known else None

    def job(self, handed: HandedIn, content: bytes) -> Job:
        """Return the job of a submission."""
        return Job(
            student=handed.student,
            submission=content,
            assignment=self.name,
            source=self.source,
            mistakes=self.mistakes,
            files=self.assignment.files,
            limits=self.options.limits,
            sandbox=self.options.sandbox,
        )

    def running(self, students: list[str]) -> Iterator[SubmissionDone]:
        """Run submissions and yield their steps as they are recorded."""
        with ExitStack() as stack:
            jobs = self.jobs(students)
            workers: Any
            if self.options.scheduler:
                from autograder.grading.cluster import Cluster

                address = self.options.scheduler
                workers = Cluster(address, self.settings, self.options.engine)
            else:
                workers = self.pool or self.local_pool()
                workers.count = min(workers.count, len(students))
            stack.enter_context(workers)
            for graded in workers.run(jobs):
                yield from self.record(graded, workers.current())

    def jobs(self, students: Iterable[str]) -> Iterator[Job]:
        """Yield the jobs of students, read when they are asked for."""
        for student in students:
            handed = read_student(self.course.submitted, student, self.name)
            content = handed.content if isinstance(handed.content, bytes) else b""
            job = self.job(handed, lighten(content))
            yield replace(job, digest=sha256(content))

    def record(
        self, done: list[tuple[Job, Graded]], busy: tuple[str, ...]
    ) -> Iterator[SubmissionDone]:
        """Keep verdicts, and record those that are about what stands there now."""
        found = []
        for job, graded in done:
            if graded.final:
                self.journal.add(job.key, graded)
            handed = read_student(self.course.submitted, job.student, self.name)
            now = handed.content if isinstance(handed.content, bytes) else b""
            if sha256(now) == job.submission_sha256:
                handed = replace(handed, content=job.submission)
            else:
                when, secret = handed.timestamp, handed.secret
                handed = HandedIn(job.student, job.submission, when, secret)
            found.append((handed, graded))
        yield from self.finish(found, True, busy)

    def finish(
        self,
        found: list[tuple[HandedIn, Graded]],
        ran: bool,
        busy: tuple[str, ...] = (),
    ) -> Iterator[SubmissionDone]:
        """Write verdicts to the gradebook unless they stand there already."""
        pages, verdicts = [], []
        for handed, graded in found:
            verdict = with_notes(graded.verdict.by(handed.student), handed.notes)
            verdicts.append(verdict)
            if graded.final and handed.usable:
                page = self.page(handed, verdict, graded.outputs)
                if not self.writer.holds(page):
                    pages.append(page)
        self.writer.write(pages)
        for verdict in verdicts:
            self.done += 1
            yield SubmissionDone(verdict, ran, self.done, self.total, busy)

    def page(
        self, handed: HandedIn, verdict: Verdict, outputs: dict[str, Printed]
    ) -> Entry:
        """Return what is to be written of one student: marks, autograded notebook."""
        submission = None
        if isinstance(handed.content, bytes):
            taken = take_in(handed.content, self.assignment)
            submission = taken if isinstance(taken, Submission) else None
        made = autograded_notebook(self.assignment, submission, verdict, outputs)
        notebook = notebook_text(made)
        cells = submission.cells if submission else ()
        answered = {cell.id for cell in cells if cell.answered}
        return Entry(verdict, notebook, answered, handed.timestamp, handed.secret)


def with_notes(verdict: Verdict, notes: tuple[str, ...]) -> Verdict:
    """Return a verdict whose reason also says how the file was found."""
    if not notes:
        return verdict
    said = [verdict.reason] if verdict.reason else []
    return replace(verdict, reason="; ".join([*said, *notes]))


def records(verdicts: Iterable[Verdict]) -> list[dict[str, Any]]:
    """Return verdicts as JSON data, in the order of the students."""
    ordered = sorted(verdicts, key=lambda verdict: verdict.student)
    return [verdict.to_json() for verdict in ordered]
