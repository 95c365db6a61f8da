"""No test waits for less than only a hang takes, but for the reasons given here."""

import ast
from pathlib import Path

import pytest

from tests.support.pace import PATIENCE, wait_until

HERE = Path(__file__).resolve().parent
STUDENTS = {"cheats", "files", "folders", "output", "outside", "resources", "tampering"}
LIMITS = {"timeout", "cell_seconds", "total_seconds", "limit"}
WAITS = {"wait", "join", "wait_procs", "settimeout"}
PAUSES = {"sleep", "wait_for_timeout"}
SHORT = 120  # seconds
CLOCKS = {"monotonic", "perf_counter", "process_time", "time"}

# Code that names a short time, and why no pace of a machine matters to it.
NOTHING_RUNS = "nothing is run under this limit: it is told, or makes a key"
GONE_ALREADY = "what is asked for never comes: the end of this time is what is tested"
HELD = "how long something is held or asleep: it may be longer, not shorter"
ALLOWED = {
    "test_autograder_cheats_in_course": {
        "Limits(cell_seconds=1, total_seconds=4)": "nothing is to be earned in it",
    },
    "test_autograder_class": {"wait(process, 0.3)": GONE_ALREADY},
    "test_autograder_cluster": {
        "process.wait(15)": "what has not ended by then is killed, and that is all",
        "monkeypatch.setattr(cluster, 'CONNECT_SECONDS', 1.0)": GONE_ALREADY,
        "monkeypatch.setattr(cluster, 'WORKER_SECONDS', 1.0)": GONE_ALREADY,
    },
    "test_autograder_grade": {
        "{'cell_seconds': 5.0}": "the engine knows no limits",
        "monkeypatch.setattr(pool, 'GRACE_SECONDS', 0.0)": "the job's own are a ladder",
    },
    "test_autograder_verdict": {
        "{'cell_seconds': 1.0}": NOTHING_RUNS,
        "{'cell_seconds': 3.0}": NOTHING_RUNS,
    },
    "test_autograder_wire": {
        "time.monotonic() + 0.05": GONE_ALREADY,
        "time.monotonic() + 0.1": GONE_ALREADY,
    },
    "gradebook_locked": {"time.sleep(1)": HELD},
    "graded": {
        "time.monotonic() + 10": "less than what the corpus leaves behind sleeps"
    },
}
FILES = sorted(path for path in HERE.rglob("*.py") if path.parent.name not in STUDENTS)


def short(node):
    """Return whether this is a number that stands for less than patience."""
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
        and node.value < SHORT
    )


def constant(node):
    """Return whether this is a number: a pause of a fixed length is never right."""
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def called(node):
    """Return the last name of what is called, or of a name."""
    function = node.func if isinstance(node, ast.Call) else node
    return getattr(function, "attr", None) or getattr(function, "id", None)


def has_clock(node):
    """Return whether an expression reads a clock, or the seconds of an outcome."""
    return any(
        (isinstance(part, ast.Call) and called(part) in CLOCKS)
        or (isinstance(part, ast.Attribute) and part.attr == "seconds")
        for part in ast.walk(node)
    )


def sets_seconds(node):
    """Return whether this is `setattr` of a name like `START_SECONDS`."""
    names = [getattr(one, "value", "") for one in node.args]
    return called(node) == "setattr" and any(str(n).endswith("SECONDS") for n in names)


def short_times(tree):
    """Yield the code in which a short time is given."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            named = [key.value for key in node.keywords if key.arg in LIMITS]
            given = node.args if called(node) in WAITS or sets_seconds(node) else []
            paused = node.args if called(node) in PAUSES else []
            found = any(map(short, [*named, *given])) or any(map(constant, paused))
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            found = any(
                getattr(k, "value", None) in LIMITS and short(v) for k, v in pairs
            )
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            found = has_clock(node.left) and short(node.right)
        elif isinstance(node, ast.Compare):
            less = not isinstance(node.ops[0], ast.Eq)
            found = less and has_clock(node.left) and any(map(short, node.comparators))
        else:
            found = False
        if found:
            yield ast.unparse(node)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_short_times_have_a_reason(path):
    found = set(short_times(ast.parse(path.read_text(encoding="utf-8"))))
    allowed = ALLOWED.get(path.stem, {})
    assert found - allowed.keys() == set(), "see pace.py, or give a reason in ALLOWED"
    assert allowed.keys() - found == set(), "ALLOWED has what is no longer there"


@pytest.mark.parametrize(
    "code",
    [
        "run(timeout=60)",
        "Limits(cell_seconds=3)",
        "grade(limits={'cell_seconds': 1.0})",
        "time.sleep(0.2)",
        "process.wait(30)",
        "until = time.monotonic() + 10",
        "assert time.monotonic() - start < 5",
        "assert found['a'].seconds < 2",
        "view.wait_for_timeout(600)",
        "monkeypatch.setattr(cluster, 'START_SECONDS', 1.0)",
    ],
)
def test_a_short_time_is_found(code):
    assert list(short_times(ast.parse(code)))
    assert not list(short_times(ast.parse("process.wait(PATIENCE)")))


def test_what_never_happens_is_said_by_its_name(monkeypatch):
    now = iter(range(0, 10_000, 100))
    monkeypatch.setattr("tests.support.pace.time.monotonic", lambda: next(now))
    monkeypatch.setattr("tests.support.pace.time.sleep", lambda seconds: None)
    with pytest.raises(AssertionError, match=f"the end did not .* {PATIENCE:g} s"):
        wait_until(lambda: None, "the end")
    assert wait_until(lambda: 3) == 3
