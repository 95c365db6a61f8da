"""Where students, editors and platforms leave a written answer, as changes."""

import copy

from autograder.model.assignment import TEXT_STUB
from tests.support.hand_ins import by_id, code, index, solved

ANSWER = "The numbers may add up to zero: nothing can be divided by that."
MORE = "And where they nearly do, small errors of rounding grow without limit."
SECOND = "Sorting them first would cost time and change no sum at all."
WHY = "why-zero"


def text(source, kind="markdown", **more):
    """Return a text cell without a name."""
    return {"cell_type": kind, "metadata": {}, "source": source} | more


def unanswered(**sources):
    """Return a notebook with right solutions, and no answer in the answer's cell."""
    return solved(**{"why_zero": TEXT_STUB} | sources)


def put(*cells, at=WHY, after=1, gone=False):
    """Return what puts cells beside one of the notebook's, or in its place."""

    def change(notebook):
        place = index(notebook, at)
        notebook["cells"][place + (0 if gone else after) : place + after] = cells

    return change


def add(wanted, more, before=False):
    """Return what writes into one of the notebook's cells."""

    def change(notebook):
        cell = by_id(notebook, wanted)
        parts = (more, cell["source"]) if before else (cell["source"], more)
        cell["source"] = "\n\n".join(parts)

    return change


def no_ids(notebook):
    notebook["nbformat_minor"] = 4
    for cell in notebook["cells"]:
        cell.pop("id", None)
        cell["metadata"] = {}


def both(*changes):
    return lambda notebook: [change(notebook) for change in changes]


def retype(kind, source):
    return lambda nb: by_id(nb, WHY).update(cell_type=kind, source=source)


def delete(notebook):
    del notebook["cells"][index(notebook, WHY)]


def commented(source):
    return "\n".join(f"# {line}" for line in source.split("\n"))


ELSEWHERE = {
    "below": (put(text(ANSWER)), "below its cell"),
    "raw-below": (put(text(ANSWER, "raw")), "below its cell"),
    "above": (put(text(ANSWER), after=0), "above its cell"),
    "above-the-question": (put(text(ANSWER), at="why-text", after=0), "above its cell"),
    "below-an-emptied-cell": (
        both(retype("markdown", " "), put(text(ANSWER))),
        "below",
    ),
    "in-the-question": (add("why-text", ANSWER), "in the cell of its question"),
    "in-one-word": (add("why-text", "Zero."), "in the cell of its question"),
    "in-place-of-the-question": (
        lambda nb: by_id(nb, "why-text").update(source=ANSWER),
        "in the cell of its question",
    ),
    "replaced": (put(text(ANSWER), gone=True), "in a cell that is not marked"),
    "merged": (
        both(add("why-text", ANSWER), delete),
        "in the cell of its question",
    ),
    "merged-without-ids": (
        both(add("why-text", ANSWER), delete, no_ids),
        "in the cell of its question",
    ),
    "ids-dropped": (
        both(put(text(ANSWER), gone=True), no_ids),
        "not marked as its cell",
    ),
    "below-without-ids": (both(put(text(ANSWER)), no_ids), "below its cell"),
    "in-two-cells": (put(text(ANSWER), text(SECOND)), "below its cell"),
    "as-a-comment": (put(code(commented(ANSWER))), "in a code cell below its cell"),
    "as-a-string": (put(code(f'"""{ANSWER}"""')), "in a code cell below its cell"),
    "as-prose": (put(code(ANSWER)), "in a code cell below its cell"),
    "as-a-word": (put(code("Overflow")), "in a code cell below its cell"),
    "as-a-number": (put(code("0")), "in a code cell below its cell"),
    "printed": (put(code(f"print({ANSWER!r})")), "in a code cell below its cell"),
    "shown-as-markdown": (
        put(code(f"from IPython.display import Markdown\nMarkdown({'Zero.'!r})")),
        "in a code cell below its cell",
    ),
    "named-in-a-word": (put(code("answer = 'Zero.'")), "in a code cell below its cell"),
    "beside-code": (
        put(code(commented(ANSWER) + "\nprint(total([1, -1]))")),
        "in a code cell below its cell",
    ),
    "in-code-without-ids": (
        both(put(code(commented(ANSWER)), gone=True), no_ids),
        "in a code cell that is not marked",
    ),
    "in-a-test": (
        add("share-hidden", commented(ANSWER)),
        "in the cell 'share-hidden'",
    ),
    "far": (
        put(text(f"{ANSWER} {MORE}"), at="total"),
        "far from its cell, below 'total'",
    ),
    "far-in-a-given-text": (
        add("intro", f"{ANSWER} {MORE}"),
        "in the cell 'intro'",
    ),
    "a-quote": (put(text("What may go wrong in share?")), "below its cell"),
    "a-sign": (put(text("∞")), "below its cell"),
    "a-picture": (put(text("![image.png](attachment:image.png)")), "below its cell"),
    "a-heading": (put(text("## It may be zero")), "below its cell"),
}


HALVES = ("The numbers may add up", "to zero.")


def split(notebook, ids):
    first, second = (copy.deepcopy(by_id(notebook, WHY)) for _ in range(2))
    first["source"], second["source"] = HALVES
    for half, keeps in zip((first, second), ids, strict=True):
        if not keeps:
            half["metadata"] = {}
            half["id"] = f"half-{keeps}"
    place = index(notebook, WHY)
    notebook["cells"][place : place + 1] = [first, second]


def every_text(change):
    def changed(notebook):
        for cell in notebook["cells"]:
            if cell["cell_type"] == "markdown":
                cell["source"] = change(cell["source"])

    return changed


def setext(source):
    lines = source.split("\n")
    marked = [
        f"{line.lstrip('# ')}\n=====" if line.startswith("#") else line
        for line in lines
    ]
    return "\n".join(marked)


def cut(notebook):
    """Split each text at its blank lines, as some platforms do."""
    cells = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cells += [text(part) for part in cell["source"].split("\n\n")]
        else:
            cells.append(cell)
    notebook["cells"] = cells


COLAB = (
    '<a href="https://colab.research.google.com/github/x/y" target="_parent"><img '
    'src="https://colab.research.google.com/assets/colab-badge.svg" alt="Open In '
    'Colab"/></a>'
)
DEEPNOTE = (
    "<a style='text-decoration:none;' href='https://deepnote.com?utm_source=created-in-"
    "deepnote-cell&projectId=1' target=\"_blank\">\n<img alt='Created in deepnote.com' "
    "src='data:image/svg+xml;base64,PD94' > </img>\nCreated in <span "
    "style='font-weight:600;'>Deepnote</span></a>"
)
BINDER = (
    "[![Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/x)"
)
DATABRICKS = {"application/vnd.databricks.v1+cell": {"nuid": "0", "title": ""}}

NOTHING = {
    "untouched": lambda nb: None,
    "spaces": every_text(lambda s: s.replace("\n", "  \n") + "\n\n"),
    "carriage-returns": every_text(lambda s: s.replace("\n", "\r\n") + "\r\n"),
    "blank-stub": retype("markdown", "\n \n"),
    "stub-with-spaces": retype("markdown", f"\n{TEXT_STUB}  \n"),
    "blanks-of-no-width": retype("markdown", "\u200b\ufeff\u2060\u200d"),
    "blank-letters": retype("markdown", "\u3164\u2800"),
    "blanks-as-html": retype("markdown", "<p>&nbsp;<br/>\n</p>"),
    "stub-and-no-width": retype("markdown", f"{TEXT_STUB}\u200b"),
    "blanks-of-no-width-below": put(
        text("\u200b\ufeff"), text("\u202a"), text("\u3164")
    ),
    "stub-became-code": retype("code", TEXT_STUB),
    "stub-became-raw": retype("raw", TEXT_STUB),
    "jetbrains": every_text(lambda s: f"#%% md\n\n{s}\n"),
    "databricks-magic": every_text(lambda s: f"%md\n{s}"),
    "setext": every_text(setext),
    "emphasis": every_text(lambda s: s.replace("**", "__").replace("`", "``")),
    "one-line": every_text(lambda s: s.replace("\n", " ")),
    "word-a-line": every_text(lambda s: s.replace(" ", "\n")),
    "non-breaking": every_text(lambda s: s.replace(" ", "\N{NO-BREAK SPACE}")),
    "escaped": every_text(lambda s: s.replace("*", "\\*").replace("&", "&amp;")),
    "anchors": every_text(lambda s: f"<a id='toc1_'></a>\n{s}"),
    "toc-links": every_text(lambda s: s.replace("\n", " [&#8593;](#toc0_)\n", 1)),
    "given-text-gone": lambda nb: nb["cells"].pop(index(nb, "why-text")),
    "given-text-twice": lambda nb: nb["cells"].append(by_id(nb, "why-text")),
    "given-texts-merged": both(
        add("share-text", "## 3. In your words (2 points)\n\nWhat may go wrong in"),
        lambda nb: nb["cells"].pop(index(nb, "why-text")),
    ),
    "a-typo-mended": lambda nb: by_id(nb, "why-text").update(
        source=by_id(nb, "why-text")["source"].replace("may go", "can go")
    ),
    "answer-deleted": delete,
    "empty-cells": put(text(""), text("  \n"), code(""), code("\n"), text("---")),
    "scratch": put(code("x = total([1, 2])\nx"), code("x"), code("# try it\nx + 1")),
    "shell": put(code("!pip install numpy \\\n  scipy"), code("%timeit total([1, 2])")),
    "colab-badge": put(text(COLAB), at="intro", after=0),
    "deepnote-badge": put(text(DEEPNOTE)),
    "binder-badge": put(text(BINDER)),
    "front-matter": put(
        text("---\ntitle: Tiny sums\nauthor: " + "name " * 40 + "\n---\n", "raw"),
        at="intro",
        after=0,
    ),
    "own-heading": put(text("## My notes"), at="total"),
    "own-name": put(
        text("Name: Ada Lovelace, student number: 1234567, group 3"),
        at="intro",
    ),
    "own-name-in-the-first-cell": add("intro", "Name: Ada Lovelace, 1234567"),
    "questions-moved": lambda nb: nb["cells"].reverse(),
}
