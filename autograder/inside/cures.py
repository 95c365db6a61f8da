"""What a student is told of an error that comes of the grader's machine, not theirs.

This runs in the student's process, where the exception is: it is they who read it.
"""

from __future__ import annotations

import errno
import re
import sys
from collections.abc import Callable
from importlib.util import find_spec
from types import ModuleType
from typing import Any, NamedTuple

from autograder.inside.shell import Shell
from autograder.inside.torch_here import NO_GPU

RUNS = f"{sys.version_info[0]}.{sys.version_info[1]}"
SHOWN_PACKAGES = ("numpy", "torch", "matplotlib", "tqdm")  # where they are there
DEVICES = re.compile(
    r"cuda|nvidia|mps backend|support for \w+ devices|dummy base|accelerator device|"
    r"torch\.hpu",
    re.IGNORECASE,
)
NO_NETWORK = {"URLError", "gaierror", "ConnectionError", "HTTPError", "ConnectTimeout"}
KNOWN = {  # that are nobody's own file
    "PIL", "accelerate", "beartype", "bs4", "cv2", "datasets", "einops", "flax",
    "gensim", "ipdb", "jax", "jaxtyping", "keras", "lightning", "line_profiler",
    "memory_profiler", "nest_asyncio", "networkx", "nltk", "numba", "pandas", "plotly",
    "polars", "psutil", "pytorch_lightning", "scipy", "seaborn", "sklearn", "spacy",
    "statsmodels", "sympy", "tensorboard", "tensorflow", "tiktoken", "tokenizers",
    "torch_xla", "torchaudio", "torchinfo", "torchmetrics", "torchsummary", "torchtext",
    "torchvision", "torchviz", "transformers", "triton", "wandb",
}  # fmt: skip
OWN_FILE = "Is it a file of yours? Put its code into a cell: only the notebook is seen."
LATER = {"annotationlib": "3.14", "compression": "3.14"}  # modules of newer Pythons


class Cure(NamedTuple):
    """What is said of an error: behind it, or in its place."""

    text: str = ""
    instead: bool = False


NO_CURE = Cure()


def find_cure(error: BaseException, line: str, shell: Shell) -> Cure:
    """Return what to say of an error that the `line` of a cell led to.

    The notebook's `shell` knows what the grader did not run, and the names lost by it.
    """
    for kind, cure in CURES:
        if isinstance(error, kind):
            return cure(error, line, shell)
    kinds = {one.__name__ for one in type(error).__mro__}
    if kinds & NO_NETWORK:
        return Cure("The grader has no network: nothing is downloaded.")
    if isinstance(error, OSError) and error.errno == errno.EROFS:
        return Cure("The grader writes no files outside the notebook's own folder.")
    return NO_CURE


def cure_syntax(error: Any, line: str, shell: Shell) -> Cure:
    """Name the newer Python that a cell needs, if it is known."""
    needed = getattr(error, "python_needed", "")
    if not needed:
        return NO_CURE
    text = f"This needs Python {needed} or newer; the grader runs {RUNS}."
    return Cure(f"{text} SyntaxError: {error}", True)


def cure_module(error: Any, line: str, shell: Shell) -> Cure:
    """Say that a package is not there, and what is."""
    name = str(error.name or "")[:100]
    package = name.partition(".")[0]
    if not package or (package != "google" and is_there(package)):
        return cure_name(error, line, shell)
    lead = f"`{line[:200]}`: " if line else ""
    if package in LATER:
        later = f"{name} came with Python {LATER[package]}; the grader runs {RUNS}."
        return Cure(lead + later, True)
    if "google.colab" in line:
        cure = "Delete the line, or put `if 'google.colab' in sys.modules:` before it."
        return Cure(f"{lead}the grader has no google.colab. {cure}", True)
    there = ", ".join(filter(is_there, SHOWN_PACKAGES))
    text = f"{lead}the grader has no {package}. It has: {there}, and Python's own."
    return Cure(text if package in KNOWN else f"{text} {OWN_FILE}", True)


def cure_name(error: Any, line: str, shell: Shell) -> Cure:
    """Say which version is there of a package that lacks a name."""
    device = cure_device(error, line, shell)
    if device.text:
        return device
    module = error.obj if isinstance(error, AttributeError) else error.name
    if isinstance(module, ModuleType):
        module = module.__name__
    package = module.partition(".")[0] if isinstance(module, str) else ""
    if isinstance(error, AttributeError) and not isinstance(error.obj, ModuleType):
        return NO_CURE
    if package in sys.stdlib_module_names:
        return Cure(f"The grader runs Python {RUNS}.")
    version = getattr(sys.modules.get(package), "__version__", "")
    return Cure(f"The grader has {package} {version}.") if version else NO_CURE


def cure_device(error: Any, line: str, shell: Shell) -> Cure:
    """Say that there is no GPU where an error is about one."""
    text = f"{error} {line}" if isinstance(error, AssertionError) else str(error)
    return Cure(NO_GPU) if NO_GPU not in text and DEVICES.search(text) else NO_CURE


def cure_undefined(error: Any, line: str, shell: Shell) -> Cure:
    """Say which command would have made a name."""
    why = shell.lost.get(error.name) if isinstance(error.name, str) else None
    return Cure(f"name {error.name!r} is not defined: {why}", True) if why else NO_CURE


def cure_input(error: Any, line: str, shell: Shell) -> Cure:
    """Say that nobody answers `input()` or `getpass()`."""
    text = "Nobody types when the notebook is graded: write the value into the cell."
    asked = not str(error) or "EOF when reading" in str(error)  # no text: `getpass`
    return Cure(text) if asked else NO_CURE


def cure_file(error: Any, line: str, shell: Shell) -> Cure:
    """Say which files are there, and what might have fetched others."""
    text = "Only the assignment's own files are there when the notebook is graded."
    left = ", ".join(f"`{command[:200]}`" for command in shell.not_run[:5])
    return Cure(f"{text} The grader did not run {left}." if left else text)


def cure_exit(error: Any, line: str, shell: Shell) -> Cure:
    """Say what stopped a cell without an error."""
    return Cure(f"`{line[:200]}` stops the cell. Take it out.", True)


def is_there(package: str) -> bool:
    """Whether a package can be imported."""
    try:
        return find_spec(package) is not None
    except (ImportError, ValueError):
        return False


Find = Callable[[Any, str, Shell], Cure]
CURES: list[tuple[type[BaseException], Find]] = [
    (SyntaxError, cure_syntax),
    (ModuleNotFoundError, cure_module),
    (ImportError, cure_name),
    (AttributeError, cure_name),
    (NameError, cure_undefined),
    (EOFError, cure_input),
    (SystemExit, cure_exit),
    (FileNotFoundError, cure_file),
    (RuntimeError, cure_device),
    (TypeError, cure_device),
    (AssertionError, cure_device),
]
