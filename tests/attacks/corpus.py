"""Read the corpus: one small file an attack, with what it tries and what it deserves.

Each file starts with lines of comment:

    # tries: what it does, in words
    # marks: the points that it deserves, of 10
    # status: graded, flagged or rejected
    # aims: at what: marks, class, files, network, processes or secrets (see AIMS)

What follows is, by folder, the source of cells (`# %% total`, `# %% share`), or a
function that makes the file or the folder that is handed in (`change`, `place`). The
names that a cell finds at its top stand for what the test made: OUTSIDE, a folder;
PORT, a listener on 127.0.0.1; VICTIM, a process that sleeps.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import re
import socket
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.hand_ins import as_bytes, blank, by_id, code, index

HERE = Path(__file__).resolve().parent
CELLS = ("cheats", "resources", "outside", "output")
FILES = ("tampering", "files", "folders")
AIMS = ("marks", "class", "files", "network", "processes", "secrets")
SECRET = "a-secret-of-the-teacher"
HIDDEN = "x[:, 0] + x[:, 1]"
SHARE = (
    "def share(x, axis=-1):\n"
    "    x = np.asarray(x)\n"
    "    return x / x.sum(axis=axis, keepdims=True)"
)


@dataclass(frozen=True)
class Attack:
    """One kind of submission."""

    group: str
    name: str
    tries: str
    marks: float
    status: str
    aims: str
    body: str

    @property
    def student(self) -> str:
        """The name under which it is handed in."""
        return f"{self.group}-{self.name}"

    def hand_in(self, folder: Path, notebook: str, around: Surroundings) -> None:
        """Make the submission's file in a folder."""
        path = folder / notebook
        folder.mkdir(parents=True)
        if self.group == "folders":
            made = self.function("place")(folder, path)
        elif self.group in FILES:
            made = self.change()
        else:
            values = str(around.folder), around.port, around.process.pid
            made = as_bytes(self.cells(f"OUTSIDE, PORT, VICTIM = {values!r}\n"))
        if made is not None:
            path.write_bytes(made)

    def function(self, name: str):
        """Return the function that makes the file."""
        names = {"json": json, "by_id": by_id, "code": code, "index": index}
        names |= {"as_bytes": as_bytes, "SHARE": SHARE}
        exec(self.body, names)
        return names[name]

    def change(self) -> bytes:
        """Return the file that `change` makes of a notebook that solves share alone."""
        notebook = half_solved()
        made = self.function("change")(notebook)
        return made if isinstance(made, bytes) else as_bytes(notebook)

    def cells(self, top: str) -> dict:
        """Return the notebook whose cells are given."""
        parts = re.split(r"^# %% (\w+)\n", self.body, flags=re.MULTILINE)
        assert set(re.sub("#.*", "", parts[0])) <= {"\n"}, self.name
        notebook = blank() if self.group == "cheats" else half_solved()
        for name, source in zip(parts[1::2], parts[2::2], strict=True):
            by_id(notebook, name)["source"] = top + source.strip("\n")
        return notebook


def half_solved() -> dict:
    """Return a notebook in which share alone is solved: 5 points."""
    notebook = blank()
    by_id(notebook, "share")["source"] = SHARE
    return notebook


def read(path: Path) -> Attack:
    """Return the attack in a file."""
    text = path.read_text(encoding="utf-8")
    names = r"^# (tries|marks|status|aims): (.+)$"
    said: dict[str, Any] = dict(re.findall(names, text, re.MULTILINE))
    said["marks"] = float(said["marks"])
    return Attack(path.parent.name, path.stem, body=text, **said)


def corpus() -> list[Attack]:
    """Return all attacks that are handed in, sorted."""
    paths = sorted(p for g in (*CELLS, *FILES) for p in (HERE / g).glob("*.py"))
    return [read(path) for path in paths]


def service_faults() -> list[dict[str, str]]:
    """Return what fails while a class is graded, and how that run ends, sorted."""
    found = []
    for path in sorted((HERE / "service").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        said = dict(re.findall(r"^# (tries|ends): (.+)$", text, re.MULTILINE))
        found.append({"name": path.stem, **said})
    return found


class Surroundings:
    """What stands around a class: a teacher's files, a listener, a process."""

    def __init__(self, root: Path) -> None:
        self.root, self.folder = root, root / "teacher"
        self.reached = 0

    def __enter__(self) -> Surroundings:
        self.folder.mkdir()
        (self.folder / "secret").write_text(SECRET)
        (self.folder / "marker").write_text("unchanged")
        with contextlib.closing(sqlite3.connect(self.folder / "marks.db")) as database:
            database.execute("create table marks (score)")
            database.execute("insert into marks values (1)")
            database.commit()
        self.before = self.files()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.listen, daemon=True).start()
        self.process = subprocess.Popen(["sleep", "3600"])
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def listen(self) -> None:
        """Count who connects."""
        with contextlib.suppress(OSError):
            while True:
                line, _ = self.listener.accept()
                self.reached += 1
                line.close()

    def files(self) -> dict[str, tuple[int, bytes]]:
        """Return the files, their modes and contents."""
        if not self.folder.is_dir():
            return {}
        return {
            path.name: (path.lstat().st_mode, path.read_bytes())
            for path in sorted(self.folder.iterdir())
        }

    def effects(self) -> list[str]:
        """Return what is no longer as it was, in the words of AIMS."""
        found = []
        if self.files() != self.before:
            found.append("files")
        if self.reached:
            found.append("network")
        if self.process.poll() is not None:
            found.append("processes")
        return found


def below(pid: int) -> set[int]:
    """Return the processes that descend from one, zombies aside."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            if state != "Z":
                parents[int(folder.name)] = int(parent)
    found, new = set(), {pid}
    while new:
        new = {child for child, parent in parents.items() if parent in new} - found
        found |= new
    return found


@contextlib.contextmanager
def adopted_orphans() -> Iterator[None]:
    """Let processes whose parents end become children of this one, for a while."""
    libc = ctypes.CDLL(None)
    libc.prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
    try:
        yield
    finally:
        libc.prctl(36, 0, 0, 0, 0)


def told(path: Path) -> list[str]:
    """Return "secrets" if an autograded notebook's outputs tell one."""
    if not path.is_file():
        return []
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    outputs = [out for cell in cells for out in cell.get("outputs", ())]
    printed = "".join(
        "".join(out["text"]) for out in outputs if out["output_type"] == "stream"
    )
    secret = SECRET in json.dumps(outputs) or HIDDEN in printed
    return ["secrets"] if secret else []
