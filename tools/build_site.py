"""Build the website strictly: a failing cell or a warning fails it. `make site`.

Prints which chapter is read and run; the whole log goes to build/site.log.
"""

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOG = ROOT / "build" / "site.log"
COMMAND = ("jupyter-book", "build", ".", "-n", "-W", "--keep-going")
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
PROGRESS = re.compile(
    r"Executing notebook|Executed notebook|Using cached|reading sources|WARNING|ERROR"
)


def main() -> int:
    """Build, show progress, and say at the end what happened and where to look."""
    started = time.monotonic()
    LOG.parent.mkdir(parents=True, exist_ok=True)
    code, bad = build()
    if code == 0:
        print(f"site: done in {time.monotonic() - started:.0f} s")
        return 0
    # Sphinx says each warning once, when it reads the page: read all pages next time,
    # or the second build would pass. Cells that ran well stay cached.
    shutil.rmtree(ROOT / "_build" / ".doctrees", ignore_errors=True)
    print("\n".join(bad[-40:]), file=sys.stderr)
    print(
        f"site: failed. The whole log: {LOG.relative_to(ROOT)}; the traceback of a "
        "cell: _build/html/reports/",
        file=sys.stderr,
    )
    return 1


def build() -> tuple[int, list[str]]:
    """Run Sphinx; return its exit status and the lines that name a problem."""
    bad: list[str] = []
    with (
        LOG.open("w", encoding="utf-8") as log,
        subprocess.Popen(
            COMMAND,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process,
    ):
        assert process.stdout
        for raw in process.stdout:
            line = ESCAPES.sub("", raw).replace(f"{ROOT}/", "").rstrip()
            print(line, file=log, flush=True)
            if "[IPKernelApp]" in line:  # a kernel's remark on its own port
                continue
            if PROGRESS.search(line):
                print(f"site: {line}", flush=True)
            if re.search(r"WARNING|ERROR|Error", line):
                bad.append(line)
    return process.returncode, bad


if __name__ == "__main__":
    try:
        sys.exit(main())
    except FileNotFoundError as error:
        sys.exit(f"site: {error.filename} not found; set up first: make setup")
    except OSError as error:
        sys.exit(f"site: {error}. Is the disk full? The site built before is whole.")
