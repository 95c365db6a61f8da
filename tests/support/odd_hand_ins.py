"""What thirty students' tools wrote: right answers, each in an odd form.

Each is made from the reference's answers, so each is worth all points that a machine
gives, and each written answer waits for a person.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.support.hand_ins import (
    NAME,
    WRITTEN,
    as_bytes,
    blank,
    by_id,
    code,
    index,
    solved,
)

Notebook = dict[str, Any]
DOT = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)
PICTURE = {"drawing 1.png": {"image/png": DOT}}
SHOWN = "![drawing](attachment:drawing%201.png)"
INLINE = "![](data:image/png;base64," + DOT + ")"
TOTAL = "def total(x, axis=-1):\n    return np.asarray(x).sum(axis=axis)\n"
COMPARED = "If q<k and k>0 then the total grows, so List<int> stays."


def text(source: str, **more: Any) -> Notebook:
    """Return a text cell of the student's own."""
    return {"cell_type": "markdown", "metadata": {}, "source": source} | more


def with_cell(cell: Notebook, before: str = "share-text") -> Notebook:
    """Return a solved notebook with a cell of the student's own."""
    notebook = solved()
    notebook["cells"].insert(index(notebook, before), cell)
    return notebook


def with_output(output: Notebook) -> Notebook:
    """Return a solved notebook with a cell that gave an output."""
    return with_cell(code("fig", outputs=[output]))


def display(kind: str, data: Any) -> Notebook:
    """Return an output of a kind."""
    data = {kind: data}
    return {"output_type": "display_data", "metadata": {}, "data": data}


def written(**changed: Any) -> Notebook:
    """Return a solved notebook with another written answer."""
    notebook = solved()
    by_id(notebook, "why-zero").update(changed)
    return notebook


def unwritten() -> Notebook:
    """Return a solved notebook whose written answer is as it was handed out."""
    notebook = solved()
    by_id(notebook, "why-zero")["source"] = by_id(blank(), "why-zero")["source"]
    return notebook


def answer_below() -> Notebook:
    """Return a notebook whose answer stands in a new cell at the end."""
    notebook = unwritten()
    notebook["cells"].append(text(WRITTEN))
    return notebook


def answer_in_question() -> Notebook:
    """Return a notebook whose answer stands under the question's text."""
    notebook = unwritten()
    by_id(notebook, "why-text")["source"] += "\n\n" + WRITTEN
    return notebook


def answer_replaced() -> Notebook:
    """Return a notebook whose answer's cell was deleted, and a new one made."""
    notebook = unwritten()
    notebook["cells"][index(notebook, "why-zero")] = text(WRITTEN)
    return notebook


def exported() -> Notebook:
    """Return a notebook whose cells lost ids and metadata to another tool."""
    notebook = solved()
    for cell in notebook["cells"]:
        del cell["id"]
        cell["metadata"] = {"application/vnd.databricks.v1+cell": {"nuid": "0"}}
    return notebook


def with_widgets() -> Notebook:
    """Return a notebook with the state of many widgets."""
    notebook = solved()
    state = {str(n): {"state": {"value": [n] * 100}} for n in range(12_000)}
    kind = "application/vnd.jupyter.widget-state+json"
    notebook["metadata"]["widgets"] = {kind: state}
    return notebook


def topped(line: str) -> Callable[[], Notebook]:
    """Return what makes a notebook with a line on top of an answer."""
    return lambda: solved(total=f"{line}\n{TOTAL}")


def named_as(ending: str) -> tuple[str, Callable[[], Notebook]]:
    """Return a solved notebook's maker, and the name that a tool gave the file."""
    return f"{NAME}{ending}", solved


FILE = f"{NAME}.ipynb"
MAKERS: dict[str, tuple[str, Callable[[], Any]]] = {
    "Ada Attached": (
        FILE,
        lambda: with_cell(text(SHOWN, attachments=PICTURE)),
    ),
    "Bo Answered-Picture": (
        FILE,
        lambda: written(source=f"See {SHOWN}", attachments=PICTURE),
    ),
    "Cy Lost-Picture": (FILE, lambda: written(source=f"See {SHOWN}")),
    "Di Colab": (
        FILE,
        lambda: with_cell(text(INLINE.replace("iVB", "A" * 1_200_000 + "iVB"))),
    ),
    "Ed Inline": (FILE, lambda: written(source=f"See {INLINE}")),
    "Flo Plotly": (
        FILE,
        lambda: with_output(
            display("application/vnd.plotly.v1+json", {"z": [[1.5] * 1100] * 1000})
        ),
    ),
    "Gil Animation": (
        FILE,
        lambda: with_output(display("text/html", ["A" * 21_000_000])),
    ),
    "Hal Widgets": (FILE, with_widgets),
    "Ida Below": (FILE, answer_below),
    "Jo Question": (FILE, answer_in_question),
    "Kim Replaced": (FILE, answer_replaced),
    "Lea Databricks": (FILE, exported),
    "Max Compared": (FILE, lambda: written(source=COMPARED)),
    "Noa Pip": (FILE, topped("!pip install -q einops \\\n    torchinfo")),
    "Ola Magic": (FILE, topped("%pip install -q einops\n%matplotlib inline")),
    "Pia Shell": (FILE, topped("from IPython import get_ipython\nget_ipython()")),
    "Qi Await": (FILE, topped("import asyncio\nawait asyncio.sleep(0)")),
    "Ray Modulo": (FILE, topped("%matplotlib inline\nK = (17\n     % 5)")),
    "Sam Cores": (FILE, topped("cores = !nproc")),
    "Tia Safari": named_as(".ipynb.json"),
    "Uma Windows": named_as(".ipynb.txt"),
    "Vic Capital": named_as(".IPYNB"),
    "Wu Again": named_as(" (1).ipynb"),
    "Xia Again": named_as(".ipynb (1)"),
    "Yao Folder": (f"project/task 1/{FILE}", solved),
    "Zoe Kept": (FILE, solved),
    "Zoe van den Berg": (FILE, solved),
}
BROKEN = ("Abe Broken", FILE, b'{"cells": [')
NOTHING = ("Bea Nothing", "Cal Nothing")


def archive_files() -> dict[str, bytes]:
    """Return the files of the class as Moodle packs them, by path."""
    folders = {who: number for number, who in enumerate(everyone(), 4001)}
    made = {
        f"{who}_{folders[who]}_assignsubmission_file_/{name}": as_bytes(make())
        for who, (name, make) in MAKERS.items()
    }
    who, name, content = BROKEN
    made[f"{who}_{folders[who]}_assignsubmission_file_/{name}"] = content
    checkpoint = f"Zoe Kept_{folders['Zoe Kept']}_assignsubmission_file_"
    made[f"{checkpoint}/.ipynb_checkpoints/{NAME}-checkpoint.ipynb"] = as_bytes(blank())
    return made


def everyone() -> list[str]:
    """Return the names of the whole class."""
    return sorted([*MAKERS, BROKEN[0], *NOTHING])


def roster_text() -> str:
    """Return the roster of the class: a CSV file's text."""
    rows = [f"{user_name(who)},{who}" for who in everyone()]
    return "\n".join(["username,name", *rows]) + "\n"


def user_name(who: str) -> str:
    """Return a student's id."""
    return who.lower().replace(" ", "-")
