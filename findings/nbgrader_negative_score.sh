#!/usr/bin/env bash
# nbgrader: a test cell whose last line is a number gives that many points (partial credit).
# Guess: a number below 0 is an error, as a number above the maximum is.
# Seen: it gives all the points, with a warning in the log. So does a NumPy number, as
#       NumPy 2 prints it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check nbgrader==0.9.6
cd "$folder"
cat > grade.py <<'END'
import sys
from importlib.metadata import version

from nbformat.v4 import new_code_cell, new_output
from nbgrader.utils import determine_grade

SHOWN = ["1.5", "0", "-1", "np.float64(1.5)", "4"]
SEEN = [1.5, 0.0, 3.0, 3.0, "ValueError"]


def points(shown):
    cell = new_code_cell("score", outputs=[new_output("execute_result")])
    cell.outputs[0].data = {"text/plain": shown}
    cell.metadata.nbgrader = {"grade": True, "solution": False, "points": 3}
    try:
        return determine_grade(cell)[0]
    except ValueError:
        return "ValueError"


print(f"Python {sys.version.split()[0]}, nbgrader {version('nbgrader')}")
print("guessed: of 3 points, an error for -1")
seen = [points(shown) for shown in SHOWN]
for shown, got in zip(SHOWN, seen):
    print(f"seen:    {shown:>15} -> {got}")
sys.exit(seen != SEEN)
END
venv/bin/python -I grade.py
