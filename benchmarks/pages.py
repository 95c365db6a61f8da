"""What a chapter's page costs a reader: bytes, processor time, text that moves.

Two builds are measured in one run, page by page in turn, so that a busy machine slows
both alike: `--before` names the folder of the earlier one. Without it, what was
measured of the earlier build stays as it stands in the results.
"""

import functools
import http.server
import json
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.record import RESULTS, ROOT, record

NOW = ROOT / "_build" / "html"
LOADS = 5
WIDTHS = (1400, 390)
MAX_HTML = 350_000  # bytes of a page
SHARES = {"bytes": 0.4, "processor_ms": 0.5}  # of what the earlier build took
MAX_SHIFT = 0.02
COUNTED = ("TaskDuration", "ScriptDuration", "LayoutDuration", "RecalcStyleDuration")
FORMULAS_SET = """() => !window.MathJax?.startup?.promise
  || MathJax.startup.promise.then(() => true)"""
WATCH_SHIFT = """() => { window.shifted = 0; new PerformanceObserver(list => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput)
    window.shifted += entry.value;
}).observe({type: 'layout-shift', buffered: true}); }"""


def main(before: Path | None = None) -> None:
    """Measure the chapters of the built site, and of an earlier build if given."""
    builds = {"now": NOW, **({"before": before} if before else {})}
    chapters = measure(builds, LOADS)
    if before is None:
        for name, earlier in read_before().items():
            chapters.setdefault(name, {})["before"] = earlier
    record("pages", {"loads": LOADS, "chapters": chapters, "shares": shares(chapters)})


def read_before() -> dict[str, Any]:
    """Return what the results say of the earlier build."""
    path = RESULTS / "pages.json"
    known = json.loads(path.read_text("utf-8"))["chapters"] if path.is_file() else {}
    return {name: two["before"] for name, two in known.items() if "before" in two}


def measure(builds: dict[str, Path], loads: int) -> dict[str, dict[str, Any]]:
    """Return what each chapter costs in each build."""
    names = [p.stem for p in sorted(NOW.glob("book/[0-9][0-9]_*.html"))]
    found: dict[str, dict[str, Any]] = {name: {} for name in names}
    with open_browser() as browser:
        for name in names:
            for build, folder in builds.items():
                with serve(folder) as address:
                    url = f"{address}book/{name}.html"
                    found[name][build] = measure_page(browser, url, loads)
            print(f"benchmarks: {name}: {found[name]}", flush=True)
    return found


def shares(chapters: dict[str, dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Return what each chapter takes now, as a share of what it took before."""
    return {
        name: {
            what: round(two["now"][what] / two["before"][what], 3) for what in SHARES
        }
        for name, two in chapters.items()
        if {"now", "before"} <= two.keys()
    }


def most(chapters: dict[str, dict[str, Any]], name: str, what: str) -> float:
    """Return how much of `what` a chapter may take.

    A chapter that the earlier build had not is held to the median of those it had.
    """
    earlier = [two["before"][what] for two in chapters.values() if "before" in two]
    own = chapters.get(name, {}).get("before", {}).get(what, median(earlier))
    return SHARES[what] * own


@contextmanager
def open_browser() -> Iterator[Any]:
    """Start the system's Chromium without a window."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine alone; yield the address."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def measure_page(browser: Any, url: str, loads: int) -> dict[str, Any]:
    """Return the medians of several loads, each with an empty cache."""
    wide = [load_page(browser, url, WIDTHS[0]) for _ in range(loads)]
    narrow = [load_page(browser, url, WIDTHS[1]) for _ in range(min(loads, 2))]
    first = wide[0]
    return {
        "requests": first["requests"],
        "bytes": first["bytes"],
        "html_bytes": first["html_bytes"],
        "processor_ms": round(median(one["TaskDuration"] for one in wide)),
        "script_ms": round(median(one["ScriptDuration"] for one in wide)),
        "layout_ms": round(
            median(one["LayoutDuration"] + one["RecalcStyleDuration"] for one in wide)
        ),
        "nodes": first["nodes"],
        "shift_1400": max(one["shift"] for one in wide),
        "shift_390": max(one["shift"] for one in narrow),
    }


def load_page(browser: Any, url: str, width: int) -> dict[str, Any]:
    """Load a page once, until nothing more comes; return what that took."""
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    session = context.new_cdp_session(page)
    sizes: Counter[str] = Counter()
    documents: set[str] = set()
    session.on("Network.requestWillBeSent", lambda it: note_page(documents, it))
    session.on(
        "Network.dataReceived",
        lambda it: sizes.update({it["requestId"]: it["dataLength"]}),
    )
    session.send("Network.enable")
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.add_init_script(f"({WATCH_SHIFT})()")
    page.goto(url, wait_until="load")
    page.wait_for_function(FORMULAS_SET)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    said = session.send("Performance.getMetrics")["metrics"]
    metrics = {one["name"]: one["value"] for one in said}
    result = {
        "requests": len(sizes),
        "bytes": sizes.total(),
        "html_bytes": sum(sizes[one] for one in documents),
        "nodes": page.evaluate("document.querySelectorAll('*').length"),
        "shift": round(page.evaluate("window.shifted"), 4),
        **{name: 1000 * metrics[name] for name in COUNTED},
    }
    context.close()
    return result


def note_page(documents: set[str], request: dict[str, Any]) -> None:
    """Remember the request of the page itself."""
    if request.get("type") == "Document":
        documents.add(request["requestId"])
