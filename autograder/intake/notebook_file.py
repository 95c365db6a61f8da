"""Which file is the notebook: what a file holds decides, not what it is called.

Programs add to names: Safari saves `hw.ipynb.json`, Windows `hw.ipynb.txt`, browsers
`hw (1).ipynb` and `hw.ipynb (1)`, Colab `Copy of hw.ipynb`. Whoever asks whether a file
is a notebook, `collect`, `grade` or `check`, asks here.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from autograder.intake.json_text import Broken, JsonText, Tangled
from autograder.intake.take_in import STARTS
from autograder.model.submission import Rejected

HEAD = 100  # bytes that tell what may be a notebook at all
LOOKED = 8 << 20  # bytes; Colab's cells stand behind its widgets
MOST_LOOKED = 8 * LOOKED  # bytes of all files of a level
SHOWN_FILES = 4
ENDINGS = "ipynb|json|txt|download|crdownload|part|bak|orig"
COPY_WORDS = "copy|kopie|kopia|copie|copia|cópia"
ADDED_ENDING = re.compile(rf"(?:\.(?:{ENDINGS})|\(\d{{1,4}}\)|[\s~])\Z")
COPY_MARK = re.compile(
    rf"[\s_–-]*(?:\(\d{{1,4}}\)|[\s_–-](?:{COPY_WORDS})[\s_-]*\d{{0,4}})\Z"
)
COPY_OF = re.compile(rf"\A(?:{COPY_WORDS})[\s_](?:of|von|de|di)[\s_]")
CHECKPOINT = "-checkpoint"
OFFICE = (".docx", ".xlsx", ".pptx", ".odt", ".ods", ".pages")  # ZIP inside
SYSTEMS_OWN = (
    *("timestamp.txt", "submission_secret.txt", "thumbs.db", "desktop.ini"),
    *("__macosx", "__pycache__"),
)


def is_notebook_file(name: str, content: bytes) -> bool:
    """Whether a file holds a notebook, or one that is damaged by its name."""
    return holds_notebook(content) or has_notebook_name(name)


def holds_notebook(content: bytes) -> bool:
    """Whether bytes are a JSON object with cells, whole or cut short.

    It looks at the start alone, and takes linear time whatever stands there.
    """
    if not opens_object(content):
        return False
    text = JsonText(start_text(content, LOOKED).lstrip("\ufeff").encode())
    try:
        text.peek()
        for key in text.members():
            if text.peek() == b"[" and key in ("cells", "worksheets"):
                return True
            text.skip()
    except (Broken, Tangled):  # it was cut here, at the latest
        return False
    return False


def opens_object(content: bytes) -> bool:
    """Whether bytes start as a JSON object does."""
    return start_text(content, HEAD).lstrip("\ufeff \t\r\n").startswith("{")


def start_text(content: bytes, most: int) -> str:
    """Return the text that bytes start with, whatever Unicode encoding it has."""
    start = content[:most]
    return start.decode(json.detect_encoding(start), "replace")


def has_notebook_name(name: str) -> bool:
    """Whether a name is a notebook's, whatever a program has added to it."""
    name = fold_name(name)
    while not name.endswith(".ipynb"):
        shorter = ADDED_ENDING.sub("", name)
        if shorter == name:
            return False
        name = shorter
    return True


def fold_name(name: str) -> str:
    """Return a name without case, one spelling for each accent, of sensible length."""
    return unicodedata.normalize("NFC", name[-255:].casefold()).strip()


def plain_name(name: str) -> str:
    """Return a file's name without ending, marks of copies and case, to compare."""
    before, name = "", COPY_OF.sub("", fold_name(name))
    while name != before:
        before, name = name, COPY_MARK.sub("", ADDED_ENDING.sub("", name)).strip()
    return name


@dataclass(frozen=True)
class SeenFile:
    """A file of a hand-in: its path, and what gives its first bytes, at most so many.

    The bytes are None where it is no plain file.
    """

    path: tuple[str, ...]
    read: Callable[[int], bytes | None]

    @property
    def shown(self) -> str:
        """The path as it is told: nothing in it moves a terminal."""
        return ascii("/".join(self.path)[-80:])


@dataclass(frozen=True)
class ChosenFile:
    """The file that counts, and what there is to say."""

    path: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """A file that may be the notebook."""

    file: SeenFile
    holds: bool
    digest: bytes


def choose_file(
    levels: Iterable[Sequence[SeenFile]], assignment: str
) -> ChosenFile | Rejected:
    """Return the file that counts, or why none does.

    `levels` are what is in the folder, then in the folders in it, and so on; the first
    level with a notebook counts. In it what holds a notebook goes before what only has
    the name of one, then the right name before others.
    """
    exact = f"{assignment}.ipynb"
    others: list[SeenFile] = []
    for files in levels:
        alone = [file.path for file in files] == [(exact,)]
        if alone and files[0].read(1) is not None:
            return ChosenFile((exact,))
        if found := find_candidates(files):
            return choose_candidate(found, assignment)
        others += files
    if any(file.path == (exact,) for file in others):
        return ChosenFile((exact,))  # a link, a pipe: reading it says what it is
    return Rejected(f"{exact!r} is missing; {tell_others(others)} Hand in {exact!r}.")


def is_systems_own(name: str) -> bool:
    """Whether a file or folder is a program's own and not the student's."""
    return name.startswith((".", "~$")) or name.lower() in SYSTEMS_OWN


def find_candidates(files: Iterable[SeenFile]) -> list[Candidate]:
    """Return the files that hold a notebook, or have the name of one."""
    found, left = [], MOST_LOOKED
    for file in files:
        start = file.read(HEAD)
        if start is None:
            continue
        if opens_object(start) and left > 0:
            start = file.read(LOOKED) or b""
            left -= len(start)
        if is_notebook_file(file.path[-1], start):
            digest = hashlib.sha256(start).digest()
            found.append(Candidate(file, holds_notebook(start), digest))
    return found


def choose_candidate(found: list[Candidate], assignment: str) -> ChosenFile | Rejected:
    """Return the one that counts of those that may be the notebook."""
    exact = f"{assignment}.ipynb"
    ranks = [rank_candidate(one, assignment) for one in found]
    best = [one for one, rank in zip(found, ranks, strict=True) if rank == min(ranks)]
    if len({one.digest for one in best}) > 1:
        return Rejected(tell_tie([one.file for one in best], found, exact))
    chosen, notes = best[0].file, []
    if chosen.path != (exact,):
        notes.append(f"was handed in under the name {chosen.shown}")
    if rest := [one.file for one in found if one is not best[0]]:
        notes.append(f"also in the folder, and not graded: {list_files(rest)}")
    return ChosenFile(chosen.path, tuple(notes))


def tell_tie(best: list[SeenFile], found: list[Candidate], exact: str) -> str:
    """Say that several files may count, and which they are."""
    there = any(one.file.path == (exact,) for one in found)
    return (
        f"{exact!r} {'holds no notebook' if there else 'is missing'}; the folder holds "
        f"{len(best)} other notebooks, and nothing tells which one counts: "
        f"{list_files(best)}. Hand in {exact!r}."
    )


def rank_candidate(one: Candidate, assignment: str) -> tuple[bool, int]:
    """Return what makes a file count before others: what it holds, then its name."""
    name = one.file.path[-1]
    if name == f"{assignment}.ipynb":
        level = 0
    elif plain_name(name) == plain_name(assignment):
        level = 1
    else:
        level = 3 if plain_name(name).endswith(CHECKPOINT) else 2
    return not one.holds, level


def list_files(files: Sequence[SeenFile]) -> str:
    """Return the names of files, some of many."""
    more = len(files) - SHOWN_FILES
    names = ", ".join(file.shown for file in files[:SHOWN_FILES])
    return f"{names} and {more} more" if more > 0 else names


def tell_others(files: Sequence[SeenFile]) -> str:
    """Say what stands there that is no notebook, and what to do about an archive."""
    if not files:
        return "the folder holds no notebook: it is empty, or what it holds is hidden."
    for file in files:
        if kind := tell_kind(file.path[-1], file.read(HEAD) or b""):
            return f"the folder holds no notebook. {why_no_notebook(file.shown, kind)}"
    return f"the folder holds no notebook, but {list_files(files)}."


def tell_kind(name: str, start: bytes) -> str | None:
    """Return what a file is by its first bytes, if it is of a kind that we know."""
    head = start[:HEAD].decode("latin-1")
    if name.lower().endswith(OFFICE):
        return None
    return next((what for magic, what in STARTS if head.startswith(magic)), None)


def why_no_notebook(shown: str, kind: str | None) -> str:
    """Say of a file that it is no notebook, and what to do about an archive."""
    if kind is None:
        return f"{shown} is no notebook."
    if "archive" in kind:
        return f"{shown} is {kind}: unpack it in its folder, and grade again."
    return f"{shown} is {kind}, no notebook."
