"""Tests that share what they made run on one worker: `conftest.py` sees to it."""

import re
import subprocess
import sys

import pytest

from tests.support.groups import BY_ASSIGNMENT, LONGEST, NAMES, group
from tests.support.places import ROOT


def test_a_test_of_an_assignment_goes_with_that_assignment_and_others_with_their_file():
    name = NAMES[-1]
    for file in BY_ASSIGNMENT:
        assert group(f"tests/{file}.py::test_a[{name}-x]") == name
        assert group(f"tests/{file}.py::test_a") == file
    assert group(f"tests/test_site.py::test_a[book/{name}]") == "test_site"


def test_the_files_named_there_exist():
    for file in (*BY_ASSIGNMENT, *LONGEST):
        assert (ROOT / "tests" / f"{file}.py").is_file()


@pytest.mark.slow
def test_two_workers_never_share_a_group():
    files = [f"tests/test_attention_{name}.py" for name in ("masks", "path", "search")]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "2", "-v", *files],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    ran = set(re.findall(r"\[(gw\d)\].*PASSED (tests/\w+\.py)", done.stdout))
    assert sorted(file for _, file in ran) == files
    assert len({worker for worker, _ in ran}) == 2
