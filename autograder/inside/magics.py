"""The names of IPython's magics: which run, which change nothing, which are left out.

A magic that is in no list is left out, and the cell's output says so.
"""

from __future__ import annotations

import re

# Cells: the body is Python, and runs. With a profiler it runs without it.
BODY_RUNS = {
    "capture", "debug", "lprun", "memit", "mprun", "prun", "pyinstrument", "scalene",
    "snakeviz", "time", "timeit", "wandb",
}  # fmt: skip
# Lines: what follows the options is a statement, and runs once.
STATEMENT_RUNS = {"lprun", "memit", "mprun", "prun", "time", "timeit"}
# What sets up or shows something on the student's own screen.
SILENT = {
    "aimport", "alias", "alias_magic", "autoawait", "autocall", "automagic",
    "autoreload", "autosave", "clear", "cls", "code_wrap", "colors", "config",
    "connect_info", "debug", "dhist", "dirs", "doctest_mode", "gui", "hist", "history",
    "HTML", "html", "javascript", "js", "latex", "load_ext", "logoff", "logon",
    "logstart", "logstate", "logstop", "lsmagic", "magic", "markdown", "matplotlib",
    "page", "pdb", "pdef", "pdoc", "pfile", "pinfo", "pinfo2", "pprint", "precision",
    "psearch", "psource", "pycat", "qtconsole", "quickref", "reload_ext",
    "subplots", "SVG", "svg", "tb", "tensorflow_version", "unalias", "unload_ext",
    "who", "whos", "xmode",
}  # fmt: skip
# Those that a Shell has a method for: `magic_NAME`.
HERE = {"cd", "env", "pwd", "pylab", "run", "set_env", "sx", "system", "who_ls", "xdel"}
# Programs and shell commands, and what reads or writes IPython's own files.
PROGRAMS = {
    "cat", "conda", "cp", "ed", "edit", "less", "ll", "load", "loadpy", "ls", "macro",
    "mamba", "man", "micromamba", "mkdir", "more", "mv", "notebook", "pastebin", "pip",
    "popd", "pushd", "recall", "rep", "rerun", "reset", "reset_selective", "rm",
    "rmdir", "save", "sc", "store", "tensorboard", "uv",
}  # fmt: skip
LINE_MAGICS = SILENT | HERE | PROGRAMS | STATEMENT_RUNS
WITH_VALUE = {  # the options that take a value
    "timeit": "nrpv", "prun": "lsTD", "lprun": "fmusTD", "mprun": "fT", "memit": "rti",
    "capture": "", "run": "nNm",
}  # fmt: skip
FLAGS = {
    "timeit": "tcqo", "prun": "rq", "lprun": "rz", "mprun": "c", "memit": "co",
    "capture": "", "run": "ietdpG",
}  # fmt: skip
OPTION = re.compile(r"\s*-([A-Za-z])")


def split_options(line: str, name: str) -> tuple[dict[str, str], str]:
    """Return (the options of a magic's line, what stands behind them)."""
    options: dict[str, str] = {}
    while found := OPTION.match(line):
        letter = found[1]
        rest = line[found.end() :].lstrip()
        if letter in WITH_VALUE.get(name, ""):
            options[letter], _, line = rest.partition(" ")
        elif letter in FLAGS.get(name, ""):
            options[letter], line = "", rest
        else:
            break
    return options, line.strip()
