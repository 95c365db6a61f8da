"""Calls to the Linux kernel that Python lacks: namespaces, mounts, rights, filters."""

from __future__ import annotations

import ctypes
import os
import platform
import re
import struct
from pathlib import Path

from autograder.inside.syscall_numbers import (
    ARCHITECTURES,
    FIRST_UNKNOWN,
    SPECIAL,
    denied,
)

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x20000, 0x4000000, 0x8000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_THREAD = 0x10000000, 0x20000000, 0x10000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REC, MS_PRIVATE = 0x4000, 0x40000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
PR_SET_SECCOMP, PR_CAPBSET_DROP, SECCOMP_FILTER = 22, 24, 2
CAPABILITY_VERSION = 0x20080522
ALLOW, ERRNO, KILL = 0x7FFF0000, 0x00050000, 0x80000000
EPERM, ENOSYS = 1, 38
HUGE, COLLAPSE = 2 << 20, 25
LOAD, EQUAL, AT_LEAST, AND, RETURN = 0x20, 0x15, 0x35, 0x54, 0x06

libc = ctypes.CDLL(None, use_errno=True)


def need_success(result: int, what: str) -> None:
    """Raise OSError where a call failed."""
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """Leave the namespaces that `flags` name for new ones."""
    need_success(libc.unshare(ctypes.c_int(flags)), "unshare")


def mount(kind: str | None, target: str, flags: int, data: str | None = None) -> None:
    """Mount a file system that lives in memory, or change how one is mounted."""
    encoded = [text.encode() if text else None for text in (kind, target, kind, data)]
    source, where, name, options = encoded
    done = libc.mount(source, where, name, ctypes.c_ulong(flags), options)
    need_success(done, f"mount {target}")


def collapse_pages() -> int:
    """Gather this process's memory in huge pages; return how many there are now.

    A fork copies one entry for each page, so that forks and their ends become cheap.
    What a fork writes to is copied by small pages as before. Nothing depends on this:
    where the kernel can't (before Linux 6.1), or a page won't, it stays as it is.
    """
    done = 0
    for line in Path("/proc/self/maps").read_text().splitlines():
        where = re.fullmatch(r"(\w+)-(\w+) rw\S+ \S+ \S+ 0\s*(\[heap\])?", line)
        if where is None:
            continue
        start, end = (int(text, 16) for text in where.groups()[:2])
        for place in range(-(-start // HUGE) * HUGE, end - HUGE + 1, HUGE):
            address, size = ctypes.c_void_p(place), ctypes.c_size_t(HUGE)
            done += libc.madvise(address, size, COLLAPSE) == 0
    return done


def prctl(option: int, *values: int) -> None:
    """Set an attribute of this process."""
    filled = [*values, 0, 0, 0, 0][:4]
    need_success(libc.prctl(option, *map(ctypes.c_ulong, filled)), f"prctl {option}")


def capabilities() -> tuple[int, int, int]:
    """Return this process's (effective, permitted, inheritable) capabilities."""
    header = struct.pack("Ii", CAPABILITY_VERSION, 0)
    data = ctypes.create_string_buffer(24)
    need_success(libc.capget(header, data), "capget")
    low = struct.unpack("3I", data.raw[:12])
    high = struct.unpack("3I", data.raw[12:24])
    return tuple(a | b << 32 for a, b in zip(low, high, strict=True))


def drop_capabilities() -> None:
    """Give up all rights, and the way to get them back."""
    header = struct.pack("Ii", CAPABILITY_VERSION, 0)
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    need_success(libc.capset(header, bytes(24)), "capset")


def branch(code: int, value: int, yes: int, no: int) -> bytes:
    """Return one instruction of a filter."""
    return struct.pack("HBBI", code, yes, no, value & 0xFFFFFFFF)


def instruction(code: int, value: int) -> bytes:
    """Return one instruction without a jump."""
    return branch(code, value, 0, 0)


def refuse_unless(number: int, argument: list[bytes]) -> list[bytes]:
    """Return a rule for one call: its `argument` test ends in allow or refuse."""
    return [branch(EQUAL, number, 0, len(argument)), *argument]


def filter_program(machine: str, process: int) -> list[bytes]:
    """Return the instructions of the system call filter for one process."""
    special = SPECIAL[machine]
    first = instruction(LOAD, 16)
    allow, refuse = instruction(RETURN, ALLOW), instruction(RETURN, ERRNO | EPERM)
    own = [first, branch(EQUAL, process, 0, 1), allow, refuse]
    threads = [
        first,
        instruction(AND, CLONE_THREAD),
        branch(EQUAL, 0, 1, 0),
        allow,
        refuse,
    ]
    local = [first, branch(EQUAL, 1, 0, 1), allow, refuse]
    program = [
        instruction(LOAD, 4),
        branch(EQUAL, ARCHITECTURES[machine], 1, 0),
        instruction(RETURN, KILL),
        instruction(LOAD, 0),
    ]
    if machine == "x86_64":
        program += [branch(AT_LEAST, 0x40000000, 0, 1), refuse]
    missing = instruction(RETURN, ERRNO | ENOSYS)
    program += [branch(AT_LEAST, FIRST_UNKNOWN, 0, 1), missing]
    program += refuse_unless(special["clone"], threads)
    program += refuse_unless(special["clone3"], [missing])  # its flags lie in memory
    program += refuse_unless(special["socket"], local)
    program += refuse_unless(special["kill"], own)
    program += refuse_unless(special["tgkill"], own)
    for number in (denied(machine) or {}).values():
        program += refuse_unless(number, [refuse])
    return [*program, allow]


def filter_calls() -> bool:
    """Refuse system calls from now on; return whether this machine is known."""
    machine = platform.machine()
    if denied(machine) is None:
        return False
    program = b"".join(filter_program(machine, os.getpid()))
    memory = ctypes.create_string_buffer(program, len(program))
    fprog = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(memory))
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    need_success(
        libc.prctl(PR_SET_SECCOMP, SECCOMP_FILTER, fprog, 0, 0),
        "a system call filter",
    )
    return True
