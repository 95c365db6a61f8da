"""Each notebook page as an `.ipynb` that runs in an empty folder, without a network.

The notebook has no outputs: running it makes them. Its first code cell unpacks the
course's library, and the data that the page reads, if they are not there yet.
"""

import base64
import io
import textwrap
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat
from docutils import nodes
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from . import plain, sources

FOLDER = "notebooks"

UNPACK = '''\
# Unpacks the course's library into this folder, unless it is here. No network.
import base64, importlib.util, io, zipfile
from pathlib import Path

ARCHIVE = """
{archive}
"""

spec = importlib.util.find_spec("attention")
home = Path(spec.origin).parent if spec and spec.origin else None
if home is None or not (home / "plots.py").exists() or home.parent == Path.cwd():
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(ARCHIVE))) as archive:
        for name in archive.namelist():
            if not Path(name).exists():
                archive.extract(name)
    importlib.invalidate_caches()
'''

ABOUT = """\
This notebook is the page **{title}** of the course *{course}*. It has no outputs:
run its cells to make them.

It needs Python {python} or newer and these packages:

    python -m pip install {packages}

The next cell unpacks the course's library beside the notebook; it needs no network.
"""


def setup(app: Sphinx) -> None:
    """Write the notebooks while the pages are written."""
    app.connect("html-page-context", add_download, priority=502)


def add_download(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Write a page's notebook and put the downloads into the page's top bar."""
    if doctree is None:
        return
    link = context["pathto"]
    buttons = []
    if app.builder.name == "html" and (made := write(app, pagename)):
        buttons.append(
            {
                "type": "link",
                "url": link(f"{FOLDER}/{made.name}", 1),
                "text": "Notebook (.ipynb)",
                "tooltip": "Runs in Jupyter, with no other file",
                "icon": "fas fa-code",
                "label": "download-notebook-button",
            }
        )
    if context.get("sourcename"):
        buttons.append(
            {
                "type": "link",
                "url": link(f"_sources/{context['sourcename']}", 1),
                "text": "Text (.md)",
                "tooltip": "The page as it is written",
                "icon": "fas fa-file",
                "label": "download-source-button",
            }
        )
    buttons.append(
        {
            "type": "javascript",
            "javascript": "window.print()",
            "text": "Print or PDF",
            "tooltip": "Print this page",
            "icon": "fas fa-file-pdf",
            "label": "download-pdf-button",
        }
    )
    context["header_buttons"].insert(
        0,
        {
            "type": "group",
            "tooltip": "Download this page",
            "icon": "fas fa-download",
            "buttons": buttons,
            "label": "download-buttons",
        },
    )


def write(app: Sphinx, pagename: str) -> Path | None:
    """Write the notebook of a page; return its path, or None if it can't travel.

    A page travels if it has cells, and if these read nothing outside of `book/`.
    """
    page = Path(app.env.doc2path(pagename))
    text = page.read_text(encoding="utf-8")
    executed = Path(app.outdir).parent / "jupyter_execute" / f"{pagename}.ipynb"
    if not sources.is_notebook(text) or not executed.is_file():
        return None
    book = Path(app.srcdir) / "book"
    needs = sources.needs(sources.code_of(text), book.parent)
    if any(book not in path.parents for path in needs.files):
        return None
    library = sorted((book / sources.LIBRARY).rglob("*.py"))
    licences = [
        path
        for path in sorted((book / "data").glob("*"))
        if needs.files and path.suffix in (".md", ".txt")
    ]
    archive = pack([*library, *needs.files, *licences], book)
    title = app.env.titles[pagename].astext()
    book_title = app.config.html_title
    notebook = convert(
        nbformat.read(executed, as_version=4),
        plain.Writer.of(app.env, pagename),
        about=ABOUT.format(
            title=title,
            course=book_title,
            python=sources.python_for(packages(app.env, book)),
            packages=" ".join(sources.pinned(packages(app.env, book))),
        ),
        archive=archive,
    )
    path = Path(app.outdir) / FOLDER / f"{page.stem}.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)
    return path


def packages(env: BuildEnvironment, book: Path) -> Iterable[str]:
    """Return what the library imports, and Jupyter itself."""
    code = "\n".join(
        f"import {sources.LIBRARY}.{path.stem}"
        for path in sorted((book / sources.LIBRARY).glob("*.py"))
        if path.stem != "__init__"
    )
    return [*sources.needs(code, book.parent).packages, "jupyterlab"]


def pack(paths: Iterable[Path], book: Path) -> str:
    """Return the files as a zip archive in base64, the same for the same files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(set(paths)):
            info = zipfile.ZipInfo(path.relative_to(book).as_posix())
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, path.read_bytes())
    return "\n".join(textwrap.wrap(base64.b64encode(buffer.getvalue()).decode(), 1000))


def convert(
    executed: NotebookNode, writer: plain.Writer, about: str, archive: str
) -> NotebookNode:
    """Make the notebook that travels from the one that was run."""
    folded = {"jupyter": {"source_hidden": True}, "tags": ["unpack"]}
    cells = [
        new_markdown_cell(about),
        new_code_cell(UNPACK.format(archive=archive), metadata=folded),
    ]
    for cell in executed.cells:
        if cell.cell_type == "markdown":
            if text := writer.convert(cell.source):
                cells.append(new_markdown_cell(text))
        else:
            tags = {"tags": cell.metadata["tags"]} if "tags" in cell.metadata else {}
            cells.append(new_code_cell(cell.source, metadata=tags))
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number:03}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(
        cells=cells,
        metadata={"kernelspec": kernel, "language_info": {"name": "python"}},
    )
