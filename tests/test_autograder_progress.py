"""People see how far grading is, who is graded, and what the class got wrong."""

import io

from autograder.grading.grade import SubmissionDone
from autograder.model.explanation import Explanation as said
from autograder.model.verdict import CellVerdict, Verdict
from autograder.report.progress import Progress, clock, closing

HINT = "You add up the whole array."


class Terminal(io.StringIO):
    def isatty(self):
        return True


def verdict(student, status="graded", score=5, name="01_tiny", **cells):
    reason = None if status == "graded" else f"{status} for a reason"
    return Verdict(student, name, status, reason, score, 10, cells, 0.1, "s", "a")


def lost(hint=None):
    return CellVerdict(0, 2, "failed", said("A message."), hint)


def steps(*busy, ran=True):
    made = [verdict(f"s{n}") for n in range(4)]
    return [SubmissionDone(v, ran, n, 4, busy) for n, v in enumerate(made, 1)]


def shown(stream, made):
    with Progress(stream) as progress:
        for step in made:
            progress.show(step)
    return stream.getvalue()


def test_a_terminal_sees_a_bar_with_rate_time_left_and_who():
    text = shown(Terminal(), steps("ada", "bo"))
    assert "4/4 students" in text and "students/s" in text and "left" in text
    assert "now ada, bo" in text


def test_a_file_gets_plain_lines_and_the_last_one_for_sure():
    text = shown(io.StringIO(), steps("ada"))
    assert "\r" not in text
    assert (
        text.startswith("4/4 students") and "now ada" in text and "0.0 s left" in text
    )


def test_what_was_graded_before_tells_no_rate():
    assert shown(io.StringIO(), steps(ran=False)) == "4/4 students\n"
    assert "?" in shown(Terminal(), steps(ran=False))


def test_a_students_name_commands_no_terminal():
    for stream in (Terminal(), io.StringIO()):
        evil = shown(stream, steps("\x1b]0;owned\x07\x1b[2J"))
        assert "\x1b]0" not in evil and "\x1b[2J" not in evil and "\x07" not in evil
    table = "\n".join(closing([verdict("a\x1b[2Jb", "flagged")]))
    assert "\x1b" not in table


def test_the_closing_table_has_numbers_and_each_odd_one():
    made = [verdict("ada", score=8), verdict("bo", "flagged", 4)]
    made += [verdict("cy", "rejected", 0), verdict("di", name="02_other")]
    lines = list(closing(made))
    row = next(line for line in lines if line.startswith("01_tiny")).split()
    assert row == ["01_tiny", "1", "1", "1", "6.0", "10", "0"]
    assert any(line.split()[:2] == ["rejected", "cy"] for line in lines)
    assert any("flagged for a reason" in line for line in lines)
    assert any(line.startswith("02_other") for line in lines)


def test_the_hint_that_most_students_got_comes_first():
    made = [verdict(f"s{n}", rows=lost(HINT), hidden=lost(HINT)) for n in range(3)]
    made += [verdict("t", rows=lost())]
    made += [verdict("u", rows=CellVerdict(0, 2, "rejected"), why=waiting())]
    text = "\n".join(closing(made))
    unknown = "1 student  rows: wrong, no catalogued mistake"
    assert text.index(f"3 students  {HINT}") < text.index(unknown)
    assert "(hidden, rows)" in text
    assert text.count("student") == 2  # what waits for a person is not wrong


EXERCISES = {f"{name}-{n}": name for name in ("total", "share") for n in range(6)}


def wrong_most(*cells):
    """Return what the closing table says that students lost points by, each alike."""
    made = [
        verdict(f"s{n}", **{test.replace("-", "_"): cell for test, cell in cells})
        for n in range(3)
    ]
    known = {test.replace("-", "_"): name for test, name in EXERCISES.items()}
    lines = [line.strip() for line in closing(made, known)]
    return lines[lines.index("wrong most often:") + 1 :]


def test_an_exercise_left_undone_is_told_once_as_such():
    undone = CellVerdict(
        0, 2, "unanswered", said("not answered yet.", exercise="total")
    )
    tests = ["total-0", "total-1", "share-0"]  # one of another exercise needs it
    assert wrong_most(*((test, undone) for test in tests)) == [
        "3 students  total: not answered yet",
        "(share_0, total_0, total_1)",
    ]
    written = CellVerdict(0, 2, "unanswered", said("No answer was written."))
    assert wrong_most(("why", written))[0] == "3 students  why: not answered yet"


def test_tests_of_an_exercise_that_are_lost_for_one_reason_are_told_together():
    assert wrong_most(*((f"total-{n}", lost()) for n in range(6))) == [
        "3 students  total: wrong, no catalogued mistake",
        "(total_0, total_1, total_2, total_3 and 2 more)",
    ]
    raised = CellVerdict(0, 2, "error", said("index 7\nis out", "IndexError"))
    lead = "the cell did not run. "
    why = said("'('", "SyntaxError", exercise="share", lead=lead)
    ended = CellVerdict(0, 2, "error", why)
    slow = CellVerdict(0, 2, "timeout", said("It took more than 3 seconds."))
    made = [("total-0", raised), ("total-1", raised), ("share-0", ended)]
    assert wrong_most(*made, ("total-2", slow))[::2] == [
        "3 students  share: the cell did not run. SyntaxError",
        "3 students  total: IndexError",
        "3 students  total: took too long",
    ]


def waiting():
    return CellVerdict(None, 2, "written")


def test_times_read_as_people_say_them():
    said = [clock(t) for t in (8.24, 200, 4800)]
    assert said == ["8.2 s", "3 min", "1 h 20 min"]
