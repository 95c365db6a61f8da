"""The commands behind make: what they say when something is missing."""

import importlib.util
import os
import shutil
import socket
import stat
import subprocess
import sys
import urllib.request
from pathlib import Path
from types import ModuleType

import pytest
from livereload.watcher import Watcher

from tests.support.pace import PATIENCE, wait_until
from tests.support.places import ROOT


def run(*command: object, cwd: Path = ROOT, **environment: str):
    """Run a command; return it with its output."""
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def program(path: Path, body: str) -> Path:
    """Write an executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/bash\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a copy of what set-up and build need, and nothing else."""
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def test_setup_without_python_says_how_to_name_one(tree):
    result = run("tools/setup.sh", cwd=tree, PYTHON="no-such-python")
    assert result.returncode == 1
    assert "no no-such-python found" in result.stderr
    assert "PYTHON=" in result.stderr


def test_setup_refuses_an_old_python_and_names_the_version_needed(tree):
    old = program(
        tree / "python", '[ "$1" = --version ] && echo Python 3.8.1 && exit 0\nexit 1'
    )
    result = run("tools/setup.sh", cwd=tree, PYTHON=str(old))
    assert result.returncode == 1
    assert "Python 3.8.1 is too old: nbgrader" in result.stderr
    assert "needs Python 3.11 or newer" in result.stderr


def test_setup_without_a_network_says_so_and_leaves_no_mark_of_success(tree):
    program(tree / ".venv/bin/python", 'case "$*" in *pip*|*torch*) exit 1;; esac')
    result = run("tools/setup.sh", cwd=tree, PYTHON=sys.executable)
    assert result.returncode == 1
    assert "No network? Nothing was lost" in result.stderr
    assert not list((tree / ".venv").glob(".ready-*"))


def test_setup_passes_the_chosen_index_of_torch_on(tree):
    log = tree / "log"
    program(
        tree / ".venv/bin/python",
        f'echo "$*" >> {log}; case "$*" in *"import torch"*) exit 1;; esac',
    )
    index = "https://example.org/cpu"
    result = run("tools/setup.sh", cwd=tree, PYTHON=sys.executable, TORCH_INDEX=index)
    assert result.returncode == 0, result.stderr
    assert f"--index-url {index} torch==" in log.read_text()


def test_a_failed_build_fails_and_the_next_one_reads_every_page_again(tree):
    program(
        tree / "bin/jupyter-book",
        'echo "book/x.md:3: WARNING: undefined label: nowhere"; exit 1',
    )
    (tree / "_build/.doctrees").mkdir(parents=True)
    result = run(
        sys.executable,
        tree / "tools/build_site.py",
        cwd=tree,
        PATH=f"{tree / 'bin'}:{os.environ['PATH']}",
    )
    assert result.returncode == 1
    assert "book/x.md:3: WARNING: undefined label: nowhere" in result.stderr
    assert "build/site.log" in result.stderr
    assert not (tree / "_build/.doctrees").exists()


def test_a_build_without_set_up_says_how_to_set_up(tree):
    result = run(
        sys.executable, tree / "tools/build_site.py", cwd=tree, PATH="/nowhere"
    )
    assert result.returncode == 1
    assert "make setup" in result.stderr


def test_serving_without_a_site_says_how_to_build_one(tree):
    result = run(sys.executable, tree / "tools/serve.py", cwd=tree)
    assert result.returncode == 1
    assert "make site" in result.stderr


@pytest.fixture
def site(tree: Path) -> Path:
    """Return a tree with a site of one page."""
    (tree / "_build/html").mkdir(parents=True)
    (tree / "_build/html/index.html").write_text("<title>here</title>")
    return tree


def test_a_port_in_use_is_named_with_a_free_choice(site):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run(sys.executable, site / "tools/serve.py", "--port", port, cwd=site)
    assert result.returncode == 1
    assert f"port {port} is in use; take another: make serve PORT=" in result.stderr


def test_a_number_that_is_no_port_is_refused(site):
    result = run(sys.executable, site / "tools/serve.py", "--port", 70000, cwd=site)
    assert result.returncode == 1
    assert "70000 is no port" in result.stderr


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def served(address: str) -> str:
    """Return a page; nothing where it is not served yet."""
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE) as page:
            return page.read().decode()
    except OSError:
        return ""


@pytest.mark.slow
@pytest.mark.parametrize("live", [[], ["--live"]], ids=["serve", "live"])
def test_the_site_is_served_on_this_machine_alone(site, live):
    port = free_port()
    with subprocess.Popen(
        [sys.executable, site / "tools/serve.py", "--port", str(port), *live], cwd=site
    ) as server:
        try:
            address = f"http://127.0.0.1:{port}/index.html"
            assert "here" in wait_until(lambda: served(address), "a page")
        finally:
            server.terminate()


@pytest.mark.parametrize(
    "file",
    [
        "_config.yml",
        "_toc.yml",
        "book/01_cues.md",
        "book/references.bib",
        "book/attention/masking.py",
        "book/attention/figures/explorer.js",
        "book/data/pairs.tsv.gz",
        "book/_ext/course_site/course.yml",
        "book/_static/course.css",
        "book/_templates/sections/sidebar-primary.html",
        "benchmarks/results/chapters.json",
        "exercises/01_cues/01_cues.ipynb",
    ],
)
def test_live_builds_again_when_a_source_of_the_site_changes(tree, monkeypatch, file):
    path = tree / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("before")
    serve = load(tree / "tools" / "serve.py")
    builds = []
    monkeypatch.setattr(serve, "rebuild", lambda: builds.append(file))
    watcher = Watcher()
    serve.watch_sources(watcher.watch)
    watcher.examine()
    assert not builds
    os.utime(path, (1, 1))
    watcher.examine()
    assert builds == [file]


def load(path: Path) -> ModuleType:
    """Import a script of the tree as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_help_names_every_command_that_the_readme_promises():
    text = run("make", "help").stdout
    for name in "course test check serve live lab release site benchmarks".split():
        assert f"make {name} " in text, name
