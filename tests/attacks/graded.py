"""The class of the corpus, graded by this grader."""

from __future__ import annotations

import os
import time

from autograder.grading.grade import Options, grade
from tests.attacks.corpus import Surroundings, adopted_orphans, below, corpus
from tests.support.hand_ins import NAME, hand_in, solved, tiny_assignment
from tests.support.pace import LADDER, PATIENCE, POLL

ATTACKS = corpus()
LIMITS = {
    "cell_seconds": LADDER[0],
    "total_seconds": PATIENCE,
    "memory_mib": 256,
    "scratch_mib": 16,
    "file_mib": 8,
}
# They would run for 20 seconds or much longer: each has to be stopped in `total`.
# Others of their kind, and a search through all files, may be: that gives no marks.
ENDLESS = (
    "big_power loop loop_in_c loop_swallows regular_expression signals_ignored sleep"
).split()
TOTALS = {"total-of-rows", "total-hidden"}
TOO_LONG = "took more than"


class Graded:
    """The class, graded once: each attack between two honest submissions."""

    def __init__(self, course) -> None:
        self.course, self.seconds = course, 0.0
        with adopted_orphans(), Surroundings(course.root) as around:
            self.honest = self.hand_in(around)
            self.processes = below(os.getpid())
            self.verdicts, self.effects, self.took = {}, {}, {}
            self.grade(around, Options(jobs=1, limits=LIMITS))
            self.first = dict(self.verdicts)
            for seconds in LADDER[1:]:
                limits = LIMITS | {"cell_seconds": seconds}
                for student in self.hurried():
                    self.grade(around, Options(student, jobs=1, limits=limits))
            self.left = self.left_behind()

    def grade(self, around, options):
        """Grade a part of the class; note what came of it."""
        started = time.perf_counter()
        for step in grade(self.course, NAME, options):
            student, now = step.verdict.student, time.perf_counter()
            self.took[student], started = now - started, now
            self.verdicts[student] = step.verdict
            self.effects[student] = around.effects()

    def hurried(self):
        """Return who ran out of time where marks are to be had."""
        return [
            student
            for student, verdict in self.verdicts.items()
            if late(verdict) - (TOTALS if student in LONG else set())
        ]

    def left_behind(self):
        """Return the processes that are left, in less time than the corpus sleeps."""
        until = time.monotonic() + 10
        while (
            left := below(os.getpid()) - self.processes
        ) and time.monotonic() < until:
            time.sleep(POLL)
        return left

    def hand_in(self, around):
        """Hand in the corpus with an honest answer before and after each attack."""
        answer = tiny_assignment().by_id["total"].source
        honest = []
        for number, attack in enumerate(ATTACKS):
            folder = self.course.submitted / student_of(number) / NAME
            attack.hand_in(folder, f"{NAME}.ipynb", around)
        for number in range(len(ATTACKS) + 1):
            honest.append(f"{number:03}-a-honest")
            text = f"# {number}\n{answer}"
            hand_in(self.course, honest[-1], solved(total=text))
        return honest


def late(verdict):
    """Return the tests that ran out of time, or whose exercise did."""
    said = {key: cell.message or "" for key, cell in verdict.cells.items()}
    return {key for key, text in said.items() if TOO_LONG in text}


def student_of(number):
    """Return under which name an attack is handed in."""
    return f"{number:03}-b-{ATTACKS[number].name}"


STOPPED = {student_of(n) for n, one in enumerate(ATTACKS) if one.name in ENDLESS}
LONG = {
    student_of(n)
    for n, one in enumerate(ATTACKS)
    if one.group == "resources" or one.name == "file_walk"
}
