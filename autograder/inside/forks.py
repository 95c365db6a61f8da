"""What runs first inside the wall: a warm process that forks for each submission.

    warm process        imports once, takes orders on a socket, forks
      keeper            makes the namespaces, waits, ends the submission when told
        submission      process 1 of its own world; loses all rights; runs a role

The keeper's socket ends the submission when it closes. The submission's status
goes back through it when all of its processes are gone.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import importlib
import json
import os
import resource
import select
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from typing import Any

from autograder.inside import syscalls
from autograder.inside.folders import SCRATCH
from autograder.inside.torch_here import adapt_torch

ROLE_MODULES = {
    "student": "autograder.inside.student",
    "checker": "autograder.inside.checker",
}
Play = Callable[[dict[str, Any]], None]
WORLD = (
    syscalls.CLONE_NEWUSER
    | syscalls.CLONE_NEWPID
    | syscalls.CLONE_NEWNS
    | syscalls.CLONE_NEWIPC
    | syscalls.CLONE_NEWUTS
)


def load_role(name: str) -> tuple[Play, Callable[[], None]]:
    """Return (what plays a role, what makes the first calls of its machinery)."""
    module = importlib.import_module(ROLE_MODULES[name])
    return getattr(module, f"run_{name}"), getattr(module, f"warm_up_{name}")


def prepare() -> None:
    """Import what assignments import, and set it up for forks."""
    import torch

    tempfile.tempdir = SCRATCH
    adapt_torch()
    torch.set_num_threads(1)
    torch.ones(1).half().float()  # looks at the processor in /proc; soon there is none


def warm_up_libraries() -> None:
    """Make the first calls that are slow: an optimizer's takes a second."""
    import IPython.core.inputtransformer2  # noqa: F401  (for cells that need it)
    import numpy as np
    import torch

    x = torch.nn.Parameter(torch.ones(3, 3))
    torch.nn.functional.scaled_dot_product_attention(x, x, x).softmax(-1).sum()
    torch.nn.Linear(3, 3)(x).sum().backward()
    torch.optim.Adam([x]).step()
    torch.testing.assert_close(x, x)
    with contextlib.suppress(AssertionError):
        torch.testing.assert_close(x, x + 1)
    np.random.default_rng(0).normal(size=(3, 3)) @ np.ones((3, 3))
    np.testing.assert_allclose(np.ones(3), np.ones(3))
    torch.manual_seed(0), torch.Generator().get_state()


def new_world(limits: dict[str, float]) -> None:
    """Leave for namespaces of our own, with an empty scratch and no /proc."""
    user, group = os.getuid(), os.getgid()
    syscalls.unshare(WORLD)
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)
    syscalls.mount(None, "/", syscalls.MS_REC | syscalls.MS_PRIVATE)
    quiet = syscalls.MS_NOSUID | syscalls.MS_NODEV | syscalls.MS_NOEXEC
    size, files = int(limits["scratch_mib"]), int(limits["scratch_files"])
    room = f"size={size}m,nr_inodes={files},mode=0700"
    syscalls.mount("tmpfs", SCRATCH, quiet, room)
    syscalls.mount("tmpfs", "/dev/shm", quiet, f"size={size}m,nr_inodes=64")
    syscalls.mount("tmpfs", "/proc", quiet | syscalls.MS_RDONLY, "size=4k,nr_inodes=2")


def image_size() -> int:
    """Return how many bytes of addresses this process has."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def set_limits(limits: dict[str, float], image: int) -> None:
    """Limit memory beyond the `image`, files and processor seconds."""
    seconds, mib = int(limits["cpu_seconds"]), 1 << 20
    for what, most in (
        (resource.RLIMIT_AS, image + int(limits["memory_mib"]) * mib),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, int(limits["file_mib"]) * mib),
        (resource.RLIMIT_NOFILE, int(limits["open_files"])),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        with contextlib.suppress(ValueError):
            resource.setrlimit(what, (most, most))


def arrange(descriptors: list[int], standard: bool) -> None:
    """Put the descriptors in order, from 3 on; close all others.

    With `standard`, the first two become stdout and stderr.
    """
    null = os.open(os.devnull, os.O_RDWR)
    streams = [null, *(descriptors[:2] if standard else [null, null])]
    wanted = [*streams, *descriptors[2 if standard else 0 :]]
    high = [fcntl.fcntl(source, fcntl.F_DUPFD, 64) for source in wanted]
    for number, source in enumerate(high):
        os.dup2(source, number)
    os.closerange(len(wanted), 4096)


def submission(order: dict[str, Any], descriptors: list[int], play: Play) -> None:
    """Be the submission: give up all rights, then play the role."""
    syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
    arrange(descriptors, order["role"] == "student")
    set_limits(order["limits"], order["image"])
    if order["walled"]:
        most = int(order["limits"]["threads"])  # of this user namespace, not of all
        resource.setrlimit(resource.RLIMIT_NPROC, (most, most))
        os.chdir(SCRATCH)
    else:
        os.setsid()
        os.chdir(order["scratch"])
    syscalls.drop_capabilities()
    if not syscalls.filter_calls() and order["walled"]:
        raise OSError("no system call filter for this processor")
    play(order)


def keeper(order: dict[str, Any], descriptors: list[int], play: Play) -> None:
    """Make the submission's world, wait for its end or end it, and report."""
    syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
    line = socket.socket(fileno=descriptors[0])
    image = image_size()
    if order["walled"]:
        syscalls.prctl(syscalls.PR_SET_DUMPABLE, 1)
        new_world(order["limits"])
        syscalls.prctl(syscalls.PR_SET_DUMPABLE, 0)
    process = os.fork()
    if process == 0:
        try:
            line.detach()
            submission(order | {"image": image}, descriptors[1:], play)
            os._exit(0)
        except BaseException as error:
            with contextlib.suppress(OSError):
                os.write(2, f"{type(error).__name__}: {error}\n".encode()[:500])
        finally:
            os._exit(97)
    for descriptor in descriptors[1:]:
        os.close(descriptor)
    watch = os.pidfd_open(process)
    select.select([watch, line.fileno()], [], [])
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    report = {"exit": os.waitstatus_to_exitcode(status)}
    line.sendall(json.dumps(report).encode())


def fork(order: dict[str, Any], descriptors: list[int], play: Play) -> None:
    """Fork a keeper for one submission."""
    if os.fork() == 0:
        code = 1
        try:
            keeper(order, descriptors, play)
            code = 0
        except Exception as error:
            text = json.dumps({"error": f"{type(error).__name__}: {error}"})
            with contextlib.suppress(OSError):
                os.write(descriptors[0], text.encode())
        finally:
            os._exit(code)
    for descriptor in descriptors:
        os.close(descriptor)


def reap() -> None:
    """Collect keepers that have ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def serve_orders(control: socket.socket, play: Play) -> None:
    """Fork for each order that comes, until the other end closes."""
    while True:
        raw, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 16)
        if not raw:
            return
        reap()
        fork(json.loads(raw), descriptors, play)


def run_forks() -> None:
    """Warm up as the role that the command line names, then serve.

    With a third argument, `cold`, the first submission finds things unused.
    """
    name, number, *cold = sys.argv[1:]
    control = socket.socket(fileno=int(number))
    play, warm_up_role = load_role(name)
    environment = dict(os.environ)
    prepare()
    if not cold:
        warm_up_libraries()
        warm_up_role()
    for added in os.environ.keys() - environment.keys():
        del os.environ[added]
    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 0)
    gc.collect()
    gc.freeze()
    gc.disable()
    if not cold:
        syscalls.collapse_pages()
    control.sendall(json.dumps({"ready": True}).encode())
    serve_orders(control, play)


if __name__ == "__main__":
    run_forks()
