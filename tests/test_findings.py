"""findings/ is listed, pinned and free of this course's code; it is not run here."""

import os
import re

import pytest

from tests.support.places import ROOT

FINDINGS = sorted((ROOT / "findings").glob("*.sh"))
README = (ROOT / "findings" / "README.md").read_text(encoding="utf-8")


def test_the_readme_lists_each_finding():
    listed = re.findall(r"^\| `(\w+\.sh)` \|", README, re.MULTILINE)
    assert listed == [path.name for path in FINDINGS]


@pytest.mark.parametrize("path", FINDINGS, ids=lambda path: path.stem)
def test_a_finding_pins_what_it_installs_and_says_guess_and_result(path):
    text = path.read_text(encoding="utf-8")
    [packages] = re.findall(r"/pip\" install -q --disable-pip-version-check (.+)", text)
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", one) for one in packages.split())
    assert re.search(r"^# Guess: ", text, re.M) and re.search(r"^# Seen: ", text, re.M)
    assert "trap 'rm -rf" in text and os.access(path, os.X_OK)


@pytest.mark.parametrize("path", FINDINGS, ids=lambda path: path.stem)
def test_a_finding_stands_without_this_course(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\b(autograder|attention\.|course_site)", text)
