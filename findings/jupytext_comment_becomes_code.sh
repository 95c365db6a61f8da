#!/usr/bin/env bash
# jupytext: comments in a Python script of cells (py:percent), read as a notebook.
# Guess: a comment in words stays a comment.
# Seen: one that ends in a question mark, or begins with the name of a shell command,
#       becomes code, and the cell no longer compiles.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check jupytext==1.19.6
cd "$folder"
cat > read.py <<'END'
import sys
from importlib.metadata import version

import jupytext

COMMENTS = ["# why?", "# copy the weights", "# cat sat on the mat", "# move the mask"]
COMMENTS += ["# softmax over the keys", "# is it so? yes"]
STAY = {"# move the mask", "# softmax over the keys", "# is it so? yes"}


def read(comment):
    script = f"# %%\n{comment}\nx = 1\n"
    return jupytext.reads(script, "py:percent").cells[0].source


print(f"Python {sys.version.split()[0]}, jupytext {version('jupytext')}")
print("guessed: each stays as it is")
stayed = set()
for comment in COMMENTS:
    first = read(comment).split("\n")[0]
    print(f"seen:    {comment!r} -> {first!r}")
    stayed |= {comment} if first == comment else set()
sys.exit(stayed != STAY)
END
venv/bin/python -I read.py
