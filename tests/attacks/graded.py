"""The class of the corpus, graded by this grader."""

from __future__ import annotations

import os
import time

from attacks.corpus import Surroundings, adopted_orphans, below, corpus
from hand_ins import NAME, hand_in, solved, tiny_assignment

from autograder.grading.grade import Options, grade

ATTACKS = corpus()
LIMITS = {
    "cell_seconds": 1.0,
    "total_seconds": 20.0,
    "memory_mib": 256,
    "scratch_mib": 16,
    "file_mib": 8,
}


class Graded:
    """The class, graded once: each attack between two honest submissions."""

    def __init__(self, course) -> None:
        self.course, self.seconds = course, 0.0
        with adopted_orphans(), Surroundings(course.root) as around:
            self.honest = self.hand_in(around)
            processes, started = below(os.getpid()), time.perf_counter()
            options = Options(jobs=1, limits=LIMITS)
            self.verdicts, self.effects, self.took = {}, {}, {}
            for step in grade(course, NAME, options):
                student, now = step.verdict.student, time.perf_counter()
                self.took[student], started = now - started, now
                self.verdicts[student] = step.verdict
                self.effects[student] = around.effects()
            time.sleep(0.2)
            self.left = below(os.getpid()) - processes

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


def student_of(number):
    """Return under which name an attack is handed in."""
    return f"{number:03}-b-{ATTACKS[number].name}"
