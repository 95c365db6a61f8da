"""The policy of the sandbox, in one place: what is visible, allowed and limited.

`bubblewrap.py` turns it into a command line, `inside/forks.py` into namespaces, limits
and a system call filter (`inside/syscall_numbers.py`), `probes.py` probes that it
holds. The idea:

- Each side of the split, student and checker, lives in a bubblewrap of its own: a
  read-only view of the shared libraries and of Python, no network, no home, no
  course, an environment of the few names below.
- Each submission runs in a fork with a user, process, mount and IPC namespace of its
  own, an empty scratch directory in memory, and no right to start processes.
- What outlives a submission is nothing: its process namespace dies with it.
"""

from __future__ import annotations

from dataclasses import dataclass

from autograder.inside.folders import SCRATCH

UID = 1000
GRADER = "/grader"
MOUNTED = ("__init__.py", "model", "inside")  # of the grader; the folders are the list
ENVIRONMENT = {
    "HOME": SCRATCH,
    "LANG": "C.UTF-8",
    "PATH": "/usr/bin:/bin",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONNOUSERSITE": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": str(64 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(256 << 20),
    "USER": "student",
}
SYSTEM = ("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64")
SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/localtime")


@dataclass(frozen=True)
class Policy:
    """How the wall is built, and whether slow first calls are made before any fork."""

    sandbox: str = "bwrap"
    warm: bool = True
    start_seconds: float = 300.0
    checker_memory_mib: int = 2048
    grace_seconds: float = 30.0

    def __post_init__(self) -> None:
        """Refuse an unknown sandbox."""
        if self.sandbox not in ("bwrap", "none"):
            raise ValueError(f"sandbox is bwrap or none, not {self.sandbox!r}")

    @property
    def walled(self) -> bool:
        """Whether there is a wall."""
        return self.sandbox == "bwrap"
