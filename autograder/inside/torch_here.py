"""torch as the grader has it: on the CPU, compiling nothing, in one process.

What a student's machine has and the wall has no room for either says so (a GPU) or
changes no number, and is left out (a compiler, processes that load data).
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

NO_GPU = (
    "The grader has no GPU: grading runs on the CPU. Leave out `.cuda()` and `.to(…)`, "
    'or choose: device = "cuda" if torch.cuda.is_available() else "cpu".'
)
ACCELERATORS = ("cuda", "xpu", "mtia", "mps")
IN_PROCESS = {  # what a DataLoader takes only with workers, and its value without
    "num_workers": 0, "timeout": 0, "multiprocessing_context": None,
    "prefetch_factor": None, "persistent_workers": False,
}  # fmt: skip


class NoDevice(RuntimeError):
    """What torch raises where a GPU is asked for."""


def adapt_torch() -> None:
    """Make torch in this process what the grader has."""
    hide_accelerators()
    skip_compiling()
    load_in_process()


def hide_accelerators() -> None:
    """Let no device but the CPU be there, on a machine with a GPU too."""
    import torch

    for name in ACCELERATORS:
        module = vars(getattr(torch, name))
        # Else each seed walks the stack, to say later where it was set.
        module["_is_in_bad_fork"] = lambda: True
        module["_lazy_init"] = refuse_device
        module["is_available"] = lambda: False
        module["device_count"] = lambda: 0
    vars(torch.accelerator).update(
        is_available=lambda: False,
        device_count=lambda: 0,
        current_accelerator=lambda check_available=False: None,
    )
    vars(torch.backends.mps).update(is_available=lambda: False)
    choose = stay_on_cpu(torch.set_default_device)
    vars(torch).update(set_default_device=choose)


def stay_on_cpu(choose: Callable[[Any], None]) -> Callable[[Any], None]:
    """Return a `set_default_device` that leaves a GPU out, and says so."""
    import torch

    def set_default_device(device: Any) -> None:
        """Make tensors on a device from now on, if it is there."""
        if device is not None and torch.device(device).type in ACCELERATORS:
            print(f"Left out: torch.set_default_device({device!r}). {NO_GPU}")
        else:
            choose(device)

    return set_default_device


def refuse_device() -> None:
    """Say that there is no GPU: torch calls this before it first uses one."""
    raise NoDevice(NO_GPU)


def skip_compiling() -> None:
    """Let `torch.compile` give back what it is given: the numbers are the same."""
    import torch

    vars(torch)["compile"] = leave_uncompiled
    module: Any = torch.nn.Module
    module.compile = lambda self, *args, **kwargs: None


def leave_uncompiled(model: Any = None, **options: Any) -> Any:
    """Return a function or module as it is; a decorator that does, if given none."""
    return (lambda given: given) if model is None else model


def load_in_process() -> None:
    """Let a `DataLoader` load its data in this process: no other may start."""
    from torch.utils.data import DataLoader

    loader: Any = DataLoader
    loader.__init__ = without_workers(DataLoader.__init__)


def without_workers(make: Callable[..., None]) -> Callable[..., None]:
    """Return a DataLoader's `__init__` that asks for no workers."""
    signature = inspect.signature(make)

    @functools.wraps(make)
    def made(*args: Any, **kwargs: Any) -> None:
        given = signature.bind(*args, **kwargs)
        if given.arguments.get("num_workers"):
            for name in IN_PROCESS.keys() & given.arguments.keys():
                given.arguments[name] = IN_PROCESS[name]
        make(*given.args, **given.kwargs)

    return made
