#!/usr/bin/env bash
# hatchling: a package that is configured but does not exist.
# Guess: the build stops, and names the folder that is missing.
# Seen: it ends well and writes a wheel that holds metadata and no module.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check hatchling==1.33.0
cd "$folder"
mkdir -p demo/src/lessons
touch demo/src/lessons/__init__.py
cat > demo/pyproject.toml <<'END'
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "demo"
version = "1"
[tool.hatch.build.targets.wheel]
packages = ["src/lesson"]
END
status=0
(cd demo && ../venv/bin/python -I -m hatchling build -t wheel) || status=$?
STATUS=$status venv/bin/python -I - <<'END'
import os
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

names = []
for wheel in Path("demo/dist").glob("*.whl"):
    names = zipfile.ZipFile(wheel).namelist()
modules = [name for name in names if name.endswith(".py")]
print(f"Python {sys.version.split()[0]}, hatchling {version('hatchling')}")
print("packages = ['src/lesson'], where the folder is src/lessons")
print("guessed: a status other than 0")
print(f"seen:    status {os.environ['STATUS']}, {len(names)} files in the wheel, modules: {modules}")
sys.exit(not (os.environ["STATUS"] == "0" and names and modules == []))
END
