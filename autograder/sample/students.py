"""What the students of a sample class hand in, and the marks that it deserves.

The marks come from the catalogue and from which test names which function: no
grader is asked.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from autograder.authoring.catalogue import Catalogue, Mistake
from autograder.course import CourseError
from autograder.model.assignment import STUB, Assignment
from autograder.model.dependencies import dependent_tests, needed, needing
from autograder.model.source_code import names_read

LOOP = ("# add up until it is done", "i = 0", "while i < 10:", "    j = i + 1")
NOISE = (
    "import sys",
    "",
    "for step in range(5000):",
    '    print("debug: step", step, "still running", file=sys.stderr)',
    "",
)


@dataclass(frozen=True)
class SampleWork:
    """What one student hands in, and the marks it deserves.

    `marks` has each graded cell; None is a written answer that waits to be marked.
    """

    story: str
    content: bytes
    marks: dict[str, float | None]


@dataclass(frozen=True)
class Maker:
    """Makes submissions to one assignment."""

    assignment: Assignment
    catalogue: Catalogue
    notebook: dict[str, Any]
    rng: random.Random

    def submit(
        self,
        story: str,
        versions: dict[str, str],
        lost: set[str],
        answer: bool = True,
    ) -> SampleWork:
        """Return a notebook with these solution cells, and its marks."""
        marks: dict[str, float | None] = {
            cell.id: 0 if cell.id in lost else cell.points
            for cell in self.assignment.role("test")
        }
        for cell in self.assignment.role("written"):
            versions = versions | ({cell.id: self.answer(cell.id)} if answer else {})
            marks[cell.id] = None if answer else 0
        return SampleWork(story, notebook_with(self.notebook, versions), marks)

    def answer(self, question: str) -> str:
        """Return what some student writes: a sample answer, or a short true one."""
        answers = [a.source for a in self.catalogue.answers if a.of == question]
        if answers:
            return self.rng.choice(answers)
        model = " ".join(self.assignment.by_id[question].source.split())
        return re.split(r"(?<=[.!?]) ", model)[0]

    def versions(self, style: int, broken: set[str], wrong: str = "") -> dict[str, str]:
        """Return right solution cells, in one style where it cannot matter.

        What is built on a `broken` cell, and what its `wrong` source needs, is the
        reference's: the catalogue says which tests a mistake loses beside that.
        """
        styles = list(self.catalogue.styles().values())
        order = styles[style % len(styles) :] + styles[: style % len(styles)]
        built_on = needing(self.assignment, broken)
        tied = built_on | needed(self.assignment, wrong)
        chosen = {}
        for cell in self.assignment.role("solution"):
            found = [s[cell.id] for s in order if cell.id in s]
            apart = [s for s in found if not names_read(s) & built_on]
            if not apart or cell.defines in tied:
                apart = [solution_only(cell.source)]
            chosen[cell.id] = apart[0]
        return chosen

    def stub(self, cell: str, lines: tuple[str, ...]) -> str:
        """Return a solution cell as it is handed out, with `lines` for its stub."""
        return "\n".join(put_in(self.assignment.by_id[cell].released, lines))


def put_in(released: str, lines: tuple[str, ...]) -> Iterator[str]:
    """Yield the lines of a released cell with `lines` for its stub."""
    for line in released.split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        if line.strip() == STUB[0]:
            yield from (indent + part for part in lines)
        elif line.strip() != STUB[1]:
            yield line


def solution_only(source: str) -> str:
    """Return a reference solution without its marks."""
    return "\n".join(x for x in source.split("\n") if not x.strip().startswith("###"))


def notebook_with(notebook: dict[str, Any], versions: dict[str, str]) -> bytes:
    """Return the bytes of a notebook whose cells have other sources."""
    made = json.loads(json.dumps(notebook))
    for cell in made["cells"]:
        if cell["id"] in versions:
            cell["source"] = versions[cell["id"]].splitlines(keepends=True)
    return notebook_json(made)


def notebook_json(notebook: dict[str, Any]) -> bytes:
    """Return a notebook as the bytes of its file."""
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode()


def right(maker: Maker, style: int) -> SampleWork:
    """Return a right notebook, written otherwise than the reference."""
    return maker.submit(
        f"right, style {style + 1}", maker.versions(style, set()), set()
    )


def mistaken(maker: Maker, mistake: Mistake) -> SampleWork:
    """Return a notebook with one catalogued mistake."""
    style = maker.rng.randrange(2)
    versions = maker.versions(style, {mistake.of}, mistake.source)
    versions[mistake.of] = mistake.source
    story = f"mistake {mistake.name}"
    return maker.submit(story, versions, set(mistake.fails))


def edited_tests(maker: Maker, mistake: Mistake) -> SampleWork:
    """Return a mistake whose tests the student made to pass: nothing is gained."""
    made = mistaken(maker, mistake)
    notebook = json.loads(made.content)
    for cell in notebook["cells"]:
        if cell["id"] in mistake.fails:
            cell["source"] = ["assert True\n", "10"]
    story = f"{made.story}, tests changed to `assert True`"
    return replace(made, story=story, content=notebook_json(notebook))


def untouched(maker: Maker) -> SampleWork:
    """Return the notebook as it was handed out."""
    tests = {cell.id for cell in maker.assignment.role("test")}
    return maker.submit("untouched", {}, tests, answer=False)


def half_done(maker: Maker) -> SampleWork:
    """Return a notebook whose second half is untouched."""
    cells = [cell.id for cell in maker.assignment.role("solution")]
    missing = set(cells[(len(cells) + 1) // 2 :])
    versions = maker.versions(0, missing)
    done = {cell: versions[cell] for cell in cells if cell not in missing}
    lost = dependent_tests(maker.assignment, missing)
    return maker.submit("second half not done", done, lost, answer=False)


def submit_broken(
    maker: Maker, story: str, change: Callable[[Maker, str], str]
) -> SampleWork:
    """Return a notebook with one cell that does not work at all."""
    cells = [cell.id for cell in maker.assignment.role("solution")]
    lost = {cell: dependent_tests(maker.assignment, {cell}) for cell in cells}
    chosen = min(reversed(cells), key=lambda cell: len(lost[cell]))
    versions = maker.versions(1, {chosen})
    versions[chosen] = change(maker, chosen)
    return maker.submit(f"{story} in {chosen}", versions, lost[chosen])


def raises(maker: Maker, cell: str) -> str:
    """Return a solution cell that raises before it defines anything."""
    source = solution_only(maker.assignment.by_id[cell].source)
    return f"from my_helpers import check_shapes\n\n\n{source}"


def loops(maker: Maker, cell: str) -> str:
    """Return a solution cell whose function never returns."""
    return maker.stub(cell, LOOP)


def misspelt(maker: Maker, cell: str) -> str:
    """Return a solution cell that is not Python."""
    return maker.stub(cell, ("result = (1 + 2", "return result"))


def noisy(maker: Maker) -> SampleWork:
    """Return a right notebook that prints thousands of lines on stderr."""
    versions = maker.versions(1, set())
    first = next(iter(versions))
    versions[first] = "\n".join(NOISE) + "\n" + versions[first]
    return maker.submit("right, prints 5,000 lines on stderr", versions, set())


def first_visible(maker: Maker) -> str:
    """Return the id of the first test that students see."""
    return next(c.id for c in maker.assignment.role("test") if not c.hidden)


def deleted_test(maker: Maker) -> SampleWork:
    """Return a right notebook that lacks a test cell."""
    made, gone = right(maker, 0), first_visible(maker)
    notebook = json.loads(made.content)
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"] != gone]
    return SampleWork(
        f"right, the cell {gone} deleted",
        notebook_json(notebook),
        made.marks,
    )


def renamed_test(maker: Maker) -> SampleWork:
    """Return a right notebook with a test's id changed."""
    made, renamed = right(maker, 1), first_visible(maker)
    notebook = json.loads(made.content)
    for cell in notebook["cells"]:
        if cell["id"] == renamed:
            cell["metadata"]["nbgrader"]["grade_id"] = "my-own-test"
    return SampleWork(
        f"right, the cell {renamed} renamed",
        notebook_json(notebook),
        made.marks,
    )


def not_a_notebook(maker: Maker) -> SampleWork:
    """Return a file that is no notebook."""
    marks: dict[str, float | None] = {cell.id: 0 for cell in maker.assignment.graded}
    content = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(range(256))
    return SampleWork("not a notebook", content, marks)


def submissions(maker: Maker) -> list[SampleWork]:
    """Return what the whole class hands in."""
    mistakes = spread(maker)
    return [
        right(maker, 0),
        right(maker, 1),
        *(mistaken(maker, mistake) for mistake in mistakes[:4]),
        edited_tests(maker, mistakes[-1]),
        untouched(maker),
        half_done(maker),
        submit_broken(maker, "raises", raises),
        submit_broken(maker, "loops for ever", loops),
        submit_broken(maker, "a syntax error", misspelt),
        noisy(maker),
        deleted_test(maker),
        renamed_test(maker),
        not_a_notebook(maker),
    ]


def spread(maker: Maker) -> list[Mistake]:
    """Return the mistakes in a chosen order, each function once before any twice."""
    rounds = []
    for cell in maker.assignment.role("solution"):
        found = list(maker.catalogue.of(cell.id))
        maker.rng.shuffle(found)
        rounds += [(i, maker.rng.random(), mistake) for i, mistake in enumerate(found)]
    ordered = [mistake for *_, mistake in sorted(rounds, key=lambda r: r[:2])]
    if not ordered:
        raise CourseError(f"{maker.catalogue.path} has no mistakes: write some.")
    return ordered
