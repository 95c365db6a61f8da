"""Write a result with the machine that it was measured on."""

import json
import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
PACKAGES = ("torch", "numpy", "nbgrader", "jupyter-book")


def record(name: str, result: dict[str, Any], folder: Path = RESULTS) -> Path:
    """Write NAME.json into a folder, whole or not at all."""
    path = folder / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    text = json.dumps(
        {"written_by": f"benchmarks/{name}.py", "machine": machine(), **result},
        indent=1,
    )
    part = path.with_suffix(".part")
    part.write_text(text + "\n", encoding="utf-8")
    os.replace(part, path)
    print(f"benchmarks: wrote {os.path.relpath(path, ROOT)}", flush=True)
    return path


def machine() -> dict[str, Any]:
    """Describe what counts for speed: processor, cores, memory, versions."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(
            os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
        ),
        "system": platform.system(),
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = (line.split(":", 1)[1] for line in lines if line.startswith("model name"))
    return next(names, platform.machine()).strip()
