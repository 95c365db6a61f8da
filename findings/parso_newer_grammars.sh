#!/usr/bin/env bash
# parso: Python source read with the grammar of a chosen version (jedi stands on it).
# Guess: grammars of 3.12, 3.13 and 3.14 come with it, so it reads what these read.
# Seen: each turns away `match` (of 3.10), `except*` (of 3.11), `type X = int` and an
#       f-string that uses its own quotes again (of 3.12); of these five only a generic
#       function is read.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check parso==0.8.7
cd "$folder"
cat > read.py <<'END'
import sys
from importlib.metadata import version

import parso

NEWER = {
    "match (3.10)": "match 1:\n    case 1:\n        pass\n",
    "except* (3.11)": "try:\n    pass\nexcept* ValueError:\n    pass\n",
    "generic function (3.12)": "def f[T](x: T) -> T:\n    return x\n",
    "type statement (3.12)": "type X = int\n",
    "quotes again (3.12)": "d = {'a': 1}\nx = f'{d['a']}'\n",
}
READ = {"generic function (3.12)"}

print(f"Python {sys.version.split()[0]}, parso {version('parso')}")
print("guessed: all are read")
odd = False
for grammar in ("3.12", "3.13", "3.14"):
    reader = parso.load_grammar(version=grammar)
    for name, source in NEWER.items():
        errors = [e.message for e in reader.iter_errors(reader.parse(source))]
        print(f"seen:    {grammar} {name}: {errors[0] if errors else 'read'}")
        odd |= (not errors) != (name in READ)
sys.exit(odd)
END
venv/bin/python -I read.py
