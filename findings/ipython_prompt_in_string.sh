#!/usr/bin/env bash
# IPython: a cell with a string of several lines, one of which begins with ">>> ".
# Guess: the string is what it is in Python.
# Seen: the ">>> " is cut out where the string is assigned. In a docstring it stays.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check ipython==9.18.1
cd "$folder"
cat > cells.py <<'END'
import sys
from importlib.metadata import version

from IPython.core.inputtransformer2 import TransformerManager

ASSIGNED = '''letter = """Dear all,

>>> quoted three times
"""'''
DOCUMENTED = '''def answer():
    """Return 42.

    >>> answer()
    42
    """'''


def left_alone(cell):
    return TransformerManager().transform_cell(cell) == cell + "\n"


def value(cell, name):
    names = {}
    exec(TransformerManager().transform_cell(cell), names)
    return names[name]


print(f"Python {sys.version.split()[0]}, IPython {version('ipython')}")
print("guessed: both cells are left alone")
print(f"seen:    assigned {left_alone(ASSIGNED)}, docstring {left_alone(DOCUMENTED)}")
letter = value(ASSIGNED, "letter")
print(f"         letter = {letter!r}")
kept = letter == "Dear all,\n\nquoted three times\n"
sys.exit(not (kept and not left_alone(ASSIGNED) and left_alone(DOCUMENTED)))
END
venv/bin/python -I cells.py
