"""Run the cells of several pages at a time, before Sphinx reads the first page.

Sphinx reads pages one after another, and a page's cells run when it is read, so all
cores but one would be idle. Here the pages that must run go to processes of their
own, the longest first, and their results into the cache, where myst-nb finds them.
"""

import json
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from jupyter_cache.executors.utils import single_nb_execution
from myst_nb.core.execute.base import ExecutionError
from myst_nb.core.read import create_nb_reader
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from .page_source import read_page

LOGGER = logging.getLogger(__name__)
MEASURED = Path("benchmarks", "results", "chapters.json")


@dataclass(frozen=True)
class CellsRun:
    """What became of a page's cells; `error` is empty if they all ran."""

    notebook: str
    seconds: float
    error: str


def setup(app: Sphinx) -> None:
    """Connect to the moment before the first page is read, when it is known which."""
    app.connect("env-before-read-docs", run_ahead)


def count_jobs() -> int:
    """Return how many pages run at a time: each takes a core and up to 2 GiB."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS
        cores = os.cpu_count() or 1
    return min(max(cores, 2), 4)


def run_ahead(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Run the pages that are about to be read and are not in the cache.

    Raises:
        ExecutionError: if a cell fails; a warning says which, and what ran is kept.

    """
    config = env.mystnb_config
    if config.execution_mode != "cache":
        return
    root, cache = Path(app.srcdir), get_cache(config.execution_cache_path)
    waiting = {}
    for name in order_longest_first(docnames, root):
        path = Path(env.doc2path(name))
        notebook = find_stale_notebook(env, cache, path)
        if notebook is not None:
            waiting[path] = nbformat.writes(notebook)
    if len(waiting) < 2:  # myst-nb can do that
        return
    LOGGER.info("%d pages have cells to run", len(waiting))
    limits = config.execution_timeout, config.execution_allow_errors
    failed = [
        path
        for path, ran in _run_together(waiting, limits)
        if not _keep_results(cache, root, path, ran)
    ]
    if failed:
        raise ExecutionError(", ".join(map(str, failed)))


def _run_together(
    waiting: dict[Path, str], limits: tuple[int, bool]
) -> Iterator[tuple[Path, CellsRun]]:
    """Run notebooks in processes of their own; yield each page when it has ended."""
    threads = max(1, (os.cpu_count() or 1) // count_jobs())
    with ProcessPoolExecutor(
        count_jobs(), multiprocessing.get_context("fork"), _set_threads, (threads,)
    ) as pool:
        try:
            runs = {
                pool.submit(_run_notebook, path, notebook, *limits): path
                for path, notebook in waiting.items()
            }
            for run in as_completed(runs):
                yield runs[run], run.result()
        except BaseException:  # Ctrl-C: end the kernels, don't wait for their cells
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.terminate()
            raise


def order_longest_first(docnames: list[str], root: Path) -> list[str]:
    """Return pages in the order to start them: what was never measured, then by time.

    So that no long page is left for the end, when the other cores have no more to do.
    """
    path = root / MEASURED
    known = json.loads(path.read_text("utf-8"))["chapters"] if path.is_file() else {}
    seconds = {name: facts["seconds"] for name, facts in known.items()}

    def cost(name: str) -> float:
        return seconds.get(name.rpartition("/")[2], float("inf"))

    return sorted(docnames, key=lambda name: (-cost(name), name))


def find_stale_notebook(
    env: BuildEnvironment, cache: JupyterCacheAbstract, path: Path
) -> nbformat.NotebookNode | None:
    """Return a page as the notebook that has to run; None if its results are known."""
    text = path.read_text(encoding="utf-8") if path.suffix == ".md" else ""
    if not read_page(text).code_cells:
        return None
    config = env.mystnb_config
    reader = create_nb_reader(str(path), env.myst_config, config, text)
    if reader is None:
        return None
    notebook = reader.read(text)
    if config.metadata_key in notebook.metadata:  # settings of its own
        return None
    try:
        cache.match_cache_notebook(notebook)
    except KeyError:
        return notebook
    return None


def _set_threads(threads: int) -> None:
    """Set how many threads the kernels of this process may use for arithmetic."""
    os.environ["OMP_NUM_THREADS"] = str(threads)


def _run_notebook(
    path: Path, notebook: str, timeout: int, allow_errors: bool
) -> CellsRun:
    """Run a notebook in a kernel of its own, in the page's folder."""
    print(f"{path.name}: Executing notebook, with others at a time", flush=True)
    node = nbformat.reads(notebook, as_version=4)
    result = single_nb_execution(node, str(path.parent), timeout, allow_errors)
    error = "" if result.err is None else result.exc_string or repr(result.err)
    return CellsRun(nbformat.writes(result.nb), result.time, error)


def _keep_results(
    cache: JupyterCacheAbstract, root: Path, path: Path, ran: CellsRun
) -> bool:
    """Put a page's results where myst-nb looks for them, or warn that a cell failed."""
    page = path.relative_to(root)
    if ran.error:
        text = "%s: Executing notebook failed:\n%s"
        LOGGER.warning(text, page, ran.error, location=str(path))
        return False
    node = nbformat.reads(ran.notebook, as_version=4)
    data = {"execution_seconds": ran.seconds}
    bundle = CacheBundleIn(node, str(path), data=data)
    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    LOGGER.info("%s: Executed notebook in %.2f seconds", page, ran.seconds)
    return True
