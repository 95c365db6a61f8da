"""The system calls that a submission is refused, by number."""

from __future__ import annotations

import platform

# System calls that no answer to an exercise needs, refused in each fork. Those are
# listed, and not the ones allowed: what torch and NumPy use differs by version and
# processor. What a newer kernel adds is refused below, as unknown. What each
# group stands for, of a submission that tries:
#
#   fork vfork execve execveat         to start a program, or processes without end
#   ptrace process_vm_* kcmp           to read or write another process's memory:
#   process_madvise pidfd_*            a test's, or a neighbour's in a pool
#   tkill rt_*sigqueueinfo             to signal a process that is not its own (`kill`
#                                      and `tgkill` are allowed to itself alone)
#   sendmsg sendmmsg                   to park memory and open descriptors in a socket,
#                                      where no limit counts them
#   memfd_create memfd_secret shmget   memory that outlives or escapes the limits, or
#   mq_open add_key request_key keyctl that another submission could find
#   connect bind                       to reach another process by a socket's name
#   unshare setns mount umount2        to leave its namespaces, or to change what it
#   pivot_root chroot open_tree fs*    sees of the file system
#   move_mount mount_setattr
#   name_to_handle_at open_by_*        to open files past the paths that it may see
#   bpf perf_event_open userfaultfd    large, old friends of exploits of the kernel
#   io_uring_* personality acct        (io_uring also runs calls past this filter)
#   *_module kexec_load reboot swapon  the machine itself
#   syslog                             what the kernel says about the machine
DENIED = {
    "x86_64": {
        "fork": 57, "vfork": 58, "execve": 59, "execveat": 322, "ptrace": 101,
        "tkill": 200, "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297,
        "sendmsg": 46, "sendmmsg": 307,
        "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312,
        "setns": 308, "unshare": 272, "mount": 165, "umount2": 166,
        "pivot_root": 155, "chroot": 161, "swapon": 167, "reboot": 169,
        "init_module": 175, "finit_module": 313, "delete_module": 176,
        "kexec_load": 246, "bpf": 321, "perf_event_open": 298, "userfaultfd": 323,
        "add_key": 248, "request_key": 249, "keyctl": 250, "memfd_create": 319,
        "shmget": 29, "mq_open": 240, "connect": 42, "bind": 49,
        "name_to_handle_at": 303, "open_by_handle_at": 304,
        "personality": 135, "syslog": 103, "acct": 163,
    },
    "aarch64": {
        "execve": 221, "execveat": 281, "ptrace": 117, "tkill": 130,
        "rt_sigqueueinfo": 138, "rt_tgsigqueueinfo": 240,
        "sendmsg": 211, "sendmmsg": 269, "process_vm_readv": 270,
        "process_vm_writev": 271, "kcmp": 272, "setns": 268, "unshare": 97,
        "mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51, "swapon": 224,
        "reboot": 142, "init_module": 105, "finit_module": 273, "delete_module": 106,
        "kexec_load": 104, "bpf": 280, "perf_event_open": 241, "userfaultfd": 282,
        "add_key": 217, "request_key": 218, "keyctl": 219, "memfd_create": 279,
        "shmget": 194, "mq_open": 180, "connect": 203, "bind": 200,
        "name_to_handle_at": 264, "open_by_handle_at": 265,
        "personality": 92, "syslog": 116, "acct": 89,
    },
}  # fmt: skip
DENIED_EVERYWHERE = {
    "pidfd_send_signal": 424, "io_uring_setup": 425, "io_uring_enter": 426,
    "io_uring_register": 427, "open_tree": 428, "move_mount": 429, "fsopen": 430,
    "fsconfig": 431, "fsmount": 432, "fspick": 433, "pidfd_open": 434,
    "pidfd_getfd": 438, "process_madvise": 440, "mount_setattr": 442,
    "memfd_secret": 447,
}  # fmt: skip
# A kernel newer than this list has calls that nobody has judged: from here on the
# answer is "not implemented", as on an older kernel, which every library can take.
FIRST_UNKNOWN = 448
# System calls that are allowed with some arguments only; `syscalls.py` has the rules.
SPECIAL = {
    "x86_64": {"clone": 56, "clone3": 435, "socket": 41, "kill": 62, "tgkill": 234},
    "aarch64": {"clone": 220, "clone3": 435, "socket": 198, "kill": 129, "tgkill": 131},
}
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def denied(machine: str | None = None) -> dict[str, int] | None:
    """Return the numbers of the refused system calls; None where unknown."""
    own = DENIED.get(machine or platform.machine())
    return None if own is None else own | DENIED_EVERYWHERE
