"""Say how far the grading of a class is, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.assignments.authoring import read_assignment
from autograder.course import Course, CourseError
from autograder.gradebook.nbgrader_class import Result, shown, students


class Progress:
    """Counts submissions, and makes the line of each."""

    def __init__(self, course: Course, names: list[str]) -> None:
        found = {name: students(course, name) for name in names}
        self.total = sum(map(len, found.values()))
        if not self.total:
            raise CourseError(
                f"Nothing is handed in: {course.submitted} has no STUDENT/NAME/ for "
                f"{', '.join(names)}. Put submissions there, or run `make class`."
            )
        self.done = 0
        self.points = {n: read_assignment(course.solution(n)).points for n in names}
        self.widths = (
            max(map(len, names)),
            max(len(shown(s)) for those in found.values() for s in those),
        )

    def line(self, result: Result) -> str:
        """Return one submission's line."""
        self.done += 1
        digits = len(str(self.total))
        place = f"[{self.done:{digits}}/{self.total}]"
        who = (
            f"{result.name:{self.widths[0]}}  {shown(result.student):{self.widths[1]}}"
        )
        took = f"({result.seconds:.1f} s)" if result.changed else "(unchanged)"
        return f"{place} {who}  {self.mark(result):15}  {took}"

    def mark(self, result: Result) -> str:
        """Return a mark as text: `27/30`, and what waits for a person."""
        if result.problem or result.marks is None:
            return "not graded"
        waiting = sum(result.marks.waiting.values())
        by_hand = f" (+{waiting:g}?)" if waiting else ""
        return f"{result.marks.score:g}/{self.points[result.name]:g}{by_hand}"


def summary(course: Course, results: list[Result]) -> Iterator[str]:
    """Yield a table: for each assignment how many, how good, what waits."""
    heads = f"{'graded':>6} {'not':>4} {'mean':>6} {'of':>4} {'by hand':>8}"
    yield f"{'assignment':28} {heads}"
    for name in dict.fromkeys(result.name for result in results):
        mine = [result for result in results if result.name == name]
        marks = [r.marks for r in mine if r.marks and not r.problem]
        mean = sum(m.score for m in marks) / len(marks) if marks else 0
        waiting = sum(len(m.waiting) for m in marks)
        points = read_assignment(course.solution(name)).points
        failed = len(mine) - len(marks)
        counts = f"{len(marks):6} {failed:4} {mean:6.1f} {points:4g} {waiting:8}"
        yield f"{name:28} {counts}"
    if any(r.marks and r.marks.waiting for r in results):
        yield "By hand: written answers that wait, `(+3?)`; mark them in formgrader."


def problems(
    results: list[Result], title: str = "Not graded, marked 0 until handed in anew:"
) -> Iterator[str]:
    """Yield what went wrong with submissions, and why."""
    failed = [result for result in results if result.problem]
    if failed:
        yield f"\n{title}"
    for result in failed:
        yield f"  {result.name}  {shown(result.student)}: {result.problem}"
