"""Each notebook page as an `.ipynb` that runs in an empty folder, without a network.

The notebook has no outputs: running it makes them. Its first code cell unpacks the
course's library, and the data that the page reads, if they are not there yet.
"""

import base64
import io
import textwrap
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from sphinx.application import Sphinx

from .page_source import read_page
from .plain import PlainWriter
from .sources import Tracer, oldest_python_for, pin_versions, tracer_of

FOLDER = "notebooks"

UNPACK = '''\
# Unpacks the course's library into this folder, unless it is here. No network.
import base64, importlib.util, io, zipfile
from pathlib import Path

ARCHIVE = """
{archive}
"""

with zipfile.ZipFile(io.BytesIO(base64.b64decode(ARCHIVE))) as archive:
    names = archive.namelist()
    spec = importlib.util.find_spec("attention")
    home = Path(spec.origin).parent.parent if spec and spec.origin else Path.cwd()
    if not all((home / name).exists() for name in names):
        for name in names:
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


def add_downloads(app: Sphinx, pagename: str, context: dict[str, Any]) -> None:
    """Write a page's notebook and put the downloads into the page's top bar."""
    notebook = write_notebook(app, pagename)
    context["header_buttons"].insert(
        0,
        {
            "type": "group",
            "tooltip": "Download this page",
            "icon": "fas fa-download",
            "buttons": list(_list_buttons(notebook, context)),
            "label": "download-buttons",
        },
    )


def _list_buttons(
    notebook: Path | None, context: dict[str, Any]
) -> Iterator[dict[str, str]]:
    """Yield what can be had of a page, as the theme wants it."""
    link, source = context["pathto"], context.get("sourcename")
    if notebook:
        yield {
            "type": "link",
            "url": link(f"{FOLDER}/{notebook.name}", 1),
            "text": "Notebook (.ipynb)",
            "tooltip": "Runs in Jupyter, with no other file",
            "icon": "fas fa-code",
            "label": "download-notebook-button",
        }
    if source:
        yield {
            "type": "link",
            "url": link(f"_sources/{source}", 1),
            "text": "Text (.md)",
            "tooltip": "The page as it is written",
            "icon": "fas fa-file",
            "label": "download-source-button",
        }
    yield {
        "type": "javascript",
        "javascript": "window.print()",
        "text": "Print or PDF",
        "tooltip": "Print this page",
        "icon": "fas fa-file-pdf",
        "label": "download-pdf-button",
    }


def write_notebook(app: Sphinx, pagename: str) -> Path | None:
    """Write the notebook of a page; return its path, or None if it can't travel.

    A page travels if it has cells, and if these read nothing outside of `book/`.
    """
    page, tracer = Path(app.env.doc2path(pagename)), tracer_of(app)
    source = read_page(page.read_text(encoding="utf-8"))
    executed = Path(app.outdir).parent / "jupyter_execute" / f"{pagename}.ipynb"
    if app.builder.name != "html" or not source.code_cells or not executed.is_file():
        return None
    files = tracer.trace(source.code).files
    book = tracer.library.parent
    if any(book not in path.parents for path in files):
        return None
    notebook = convert_notebook(
        nbformat.read(executed, as_version=4),
        PlainWriter.of(app.env),
        about=_describe(app, pagename),
        archive=pack_files([*tracer.library_files, *with_licences(files, book)], book),
    )
    path = Path(app.outdir) / FOLDER / f"{page.stem}.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)
    return path


def _describe(app: Sphinx, pagename: str) -> str:
    """Say what a notebook is and what it needs."""
    packages = list_packages(tracer_of(app))
    return ABOUT.format(
        title=app.env.titles[pagename].astext(),
        course=app.config.html_title,
        python=oldest_python_for(packages),
        packages=" ".join(pin_versions(packages)),
    )


def list_packages(tracer: Tracer) -> list[str]:
    """Return what the library imports, and Jupyter itself."""
    return [*tracer.library_packages, "jupyterlab"]


def with_licences(files: tuple[Path, ...], book: Path) -> list[Path]:
    """Return data files and, if there are any, what says where the data is from."""
    texts = [p for p in (book / "data").glob("*") if p.suffix in (".md", ".txt")]
    return [*files, *texts] if files else []


def pack_files(paths: Iterable[Path], book: Path) -> str:
    """Return the files as a zip archive in base64, the same for the same files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(set(paths)):
            info = zipfile.ZipInfo(path.relative_to(book).as_posix())
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, path.read_bytes())
    return "\n".join(textwrap.wrap(base64.b64encode(buffer.getvalue()).decode(), 1000))


def convert_notebook(
    executed: NotebookNode, writer: PlainWriter, about: str, archive: str
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
            cells.append(new_code_cell(cell.source, metadata=_keep_folds(cell)))
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number:03}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(
        cells=cells,
        metadata={"kernelspec": kernel, "language_info": {"name": "python"}},
    )


def _keep_folds(cell: NotebookNode) -> dict[str, Any]:
    """Return a cell's tags, and what folds its code in Jupyter as on the page."""
    tags = cell.metadata.get("tags", [])
    folded = {"hide-input", "hide-cell"} & set(tags)
    jupyter = {"jupyter": {"source_hidden": True}} if folded else {}
    return {**({"tags": tags} if tags else {}), **jupyter}
