"""Shared by all tests: where things stand, one thread, a tiny assignment."""

import os
import sys

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")

import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from autograder.authoring.unsplit import Outcome, Unsplit
from tests.support.courses import copy_config
from tests.support.groups import LONGEST, NAMES, group
from tests.support.pace import PATIENCE
from tests.support.places import ROOT, TINY
from tests.support.stage import Stage, axe_script

collect_ignore = ["attacks", "data"]  # submissions, whatever their names
os.environ["PATH"] = (
    str(Path(sys.executable).parent) + os.pathsep + os.environ.get("PATH", "")
)  # nbgrader calls `alembic`, and tests call `jupyter`, by name


def pytest_sessionstart():
    """Refuse to test another tree than this one: that is what would be installed."""
    for name in ("autograder", "attention", "course_site", "benchmarks"):
        origin = getattr(find_spec(name), "origin", None)
        if not Path(origin or "/").is_relative_to(ROOT):
            cure = "run `make setup-test` in that folder"
            pytest.exit(f"{name} is {origin}, not of {ROOT}: {cure}", returncode=4)


def pytest_collection_modifyitems(config, items):
    """Let the longest groups start first; in one process, keep the order of files."""
    order = [*LONGEST, *reversed(NAMES)]
    if hasattr(config, "workerinput"):
        groups = [group(item.nodeid) for item in items]
        rank = {g: order.index(g) if g in order else len(order) for g in groups}
        items.sort(key=lambda item: rank[group(item.nodeid)])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Hand out tests by group. (xdist's own `loadgroup` does nothing in pytest 9.)"""
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return group(nodeid)

    config.option.loadscopereorder = False  # the order is ours
    return ByGroup(config, log)


@pytest.fixture
def tiny(tmp_path):
    """A course of its own in a temporary folder, with one tiny assignment."""
    from autograder.course import Course

    shutil.copytree(TINY, tmp_path, dirs_exist_ok=True)
    copy_config(tmp_path, walled=False)  # nbgrader as it comes, to compare with
    return Course(tmp_path)


@pytest.fixture(scope="session")
def tiny_released(tmp_path_factory):
    """The tiny assignment, released once for all tests."""
    from autograder.course import Course
    from autograder.gradebook.release import release

    root = tmp_path_factory.mktemp("released")
    shutil.copytree(TINY, root, dirs_exist_ok=True)
    copy_config(root, walled=False)
    release(Course(root), "01_tiny")
    return root


@pytest.fixture
def released_course(tiny_released, tmp_path):
    """A course of its own in a temporary folder, its assignment released."""
    from autograder.course import Course

    shutil.copytree(tiny_released, tmp_path / "course")
    return Course(tmp_path / "course")


@pytest.fixture(scope="session")
def empty_gradebook(tmp_path_factory):
    """A gradebook with nothing in it: making one takes two seconds."""
    from nbgrader.api import Gradebook

    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    Gradebook(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def course(tiny, empty_gradebook):
    """The tiny course with an empty gradebook."""
    tiny.build.mkdir()
    shutil.copy(empty_gradebook, tiny.gradebook)
    return tiny


class Remembering(Unsplit):
    """A plain process for assignments that makes the same run once."""

    def __init__(self) -> None:
        super().__init__([str(ROOT / "book")])
        self.known: dict[object, Outcome] = {}

    def run(self, assignment, versions=None, isolated=False, **more) -> Outcome:
        cells = tuple((cell.id, cell.source) for cell in assignment.cells)
        files, changed = assignment.files.items(), (versions or {}).items()
        key = (cells, frozenset(files), frozenset(changed), isolated, *more.items())
        if key not in self.known:
            self.known[key] = super().run(assignment, versions, isolated, **more)
        return self.known[key]


@pytest.fixture(scope="session")
def runner():
    """One plain process for all assignments."""
    with Remembering() as running:
        yield running


CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Patient:
    """A browser whose pages are waited for until only a hang can be the reason."""

    def __init__(self, started, most: float) -> None:
        self.started, self.most = started, most

    def new_context(self, **options):
        context = self.started.new_context(**options)
        context.set_default_timeout(self.most)
        return context

    def new_page(self, **options):
        page = self.started.new_page(**options)
        page.set_default_timeout(self.most)
        return page


@pytest.fixture(scope="module")
def browser():
    """The system's Chromium, started once for a module: two can't run at once."""
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        pytest.fail("the browser tests need Chromium: apt-get install chromium")
    most = 1000 * PATIENCE
    with sync_playwright() as playwright:
        start = playwright.chromium.launch
        started = start(executable_path=path, args=FLAGS, timeout=most)
        yield Patient(started, most)
        started.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core, which looks for barriers in a page."""
    return axe_script()


@pytest.fixture
def stage(browser, tmp_path):
    """What opens pages with figures; nothing may go wrong in them."""
    opened = Stage(browser, tmp_path)
    yield opened
    opened.close()
    assert not opened.faults
