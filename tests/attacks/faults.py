"""The same command, again and again, while something of the service is at fault.

    python -m tests.attacks.faults COURSE

runs it in a process of its own, with a stand-in for the wall and the split.
"""

from __future__ import annotations

import contextlib
import functools
import io
import subprocess
import sys

from tests.support.hand_ins import NAME, hand_in, solved, tiny_assignment
from tests.support.pace import PATIENCE, wait_until

MARKS = {"ada": 10, "bob": 5, "eve": 10}
WRONG = "def share(x, axis=-1):\n    return 0"


def grade_class(root: str) -> int:
    """Run `grade` on a course; return its status."""
    from autograder.__main__ import main
    from autograder.grading import grade

    options = grade.Options
    grade.Options = functools.partial(options, engine="tests.support.engines:Plain")
    try:
        return main(["grade", NAME, "--course", root, "--jobs", "1"])
    finally:
        grade.Options = options


class Runs:
    """The runs of one command on one course, and what came of each."""

    def __init__(self, course, contents) -> None:
        self.course, self.contents = course, contents
        self.ended: list[tuple[int, str]] = []
        self.at_work = course.root / "at-work"
        for student, marks in MARKS.items():
            share = tiny_assignment().by_id["share"].source if marks == 10 else WRONG
            told = f"# {student}\n#count {self.at_work}\n#wait 0.2\n{share}"
            hand_in(course, student, solved(share=told))

    def wait_for(self, count: int) -> None:
        """Wait until a worker has begun to grade for the count-th time."""
        path = self.at_work
        wait_until(lambda: path.exists() and path.stat().st_size >= 4 * count)

    def __call__(self) -> None:
        """Run the command; keep its status and what it says."""
        said = io.StringIO()
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            status = grade_class(str(self.course.root))
        self.ended.append((status, said.getvalue()))

    def again(self) -> None:
        """Run the command when the fault is mended: it ends in the marks deserved."""
        self()
        status, said = self.ended.pop()
        assert status == 0, said
        found = self.contents(self.course)
        marks = {student: told["score"] for student, told in found.items()}
        assert marks == MARKS, marks
        for student in MARKS:
            folder = self.course.autograded / student / NAME
            assert (folder / f"{NAME}.ipynb").is_file()
            assert not list(folder.glob(".writing-*"))

    def start(self, *before: str) -> subprocess.Popen[str]:
        """Start the command as a process, behind another program if one is given."""
        return subprocess.Popen(
            [
                *before,
                sys.executable,
                "-m",
                "tests.attacks.faults",
                str(self.course.root),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait(self, process: subprocess.Popen[str]) -> None:
        """Wait for a process; keep its status and what it says."""
        with process:
            said, _ = process.communicate(timeout=PATIENCE)
        self.ended.append((process.returncode, said))


if __name__ == "__main__":
    sys.exit(grade_class(sys.argv[1]))
