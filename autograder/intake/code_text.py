"""Find what a student wrote in words in a cell of code.

An answer may stand there as a comment, as a string, or as it is, which is no Python.
Nothing is parsed or compiled: a cell is read word by word, in linear time.
"""

from __future__ import annotations

import keyword
import re
import textwrap
from typing import Literal

TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
    |(?P<string>[rbfuRBFU]{0,2}(?:
        \"{3}[\s\S]*?(?:\"{3}|\Z)|'{3}[\s\S]*?(?:'{3}|\Z)
        |"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'))
    |(?P<escape>\\[\s\S])
    |(?P<word>[^\W\d]\w*(?:['’]\w+)*)
    |(?P<number>\d[\w.]*)
    |(?P<space>[^\S\n]+)
    |(?P<end>\n)
    |(?P<other>.)""",
    re.X,
)
IN_QUOTES = re.compile(r"[rbfuRBFU]{0,2}('{3}|\"{3}|'|\")([\s\S]*?)\1\s*\Z")
SHELL = re.compile(
    r"^[ \t]*(?:[!%?]|(?:pip|conda|mamba|uv|apt|cd|ls)[ \t]|from[ \t]+IPython\.)[^\n]*",
    re.M,
)
IN_WORDS = re.compile(r"\A\s*%{1,2}(?:md|markdown|html|latex)\b(?:-\w+)?\s*", re.I)
SHOWING = {"print", "display", "Markdown", "HTML", "Latex", "Math", "(", ")", ","}
CODE_SIGNS = set("()[]{}=@")
BLOCK_SIGNS = set("[]{}=@")
SAYING = ("comment", "string")
FENCE = re.compile(r"`{3,}")

Kind = Literal["text", "shown", "mixed", "name", "code"]
CodePart = tuple[str, str]


def read_tokens(source: str) -> list[CodePart]:
    """Return the parts of a cell as (kind, text); lines for the shell are left out."""
    bare = SHELL.sub("", source.replace("\\\n", " "))
    return [(found.lastgroup or "", found[0]) for found in TOKEN.finditer(bare)]


def is_prose(tokens: list[CodePart]) -> bool:
    """Whether words stand side by side as they never do in Python."""
    before = ""
    for kind, text in tokens:
        word = kind == "word" and not keyword.iskeyword(text)
        if word and (before or "'" in text or "’" in text):
            return True
        if kind == "other" and not text.isascii():
            return True
        if kind == "word" and not text.isascii() and text.lower() == text.upper():
            return True  # letters of a script that has no capitals: no usual name
        before = text if word or (before and kind == "space") else ""
    return False


def kind_of_code(source: str) -> Kind:
    """Return what a cell of code is: text alone, text that it shows, a lone name..."""
    if IN_WORDS.match(source):
        return "text"
    tokens = read_tokens(source)
    if is_prose(tokens):
        return "text"
    said = [token for token in tokens if token[0] in SAYING]
    rest = [token for token in tokens if token[0] not in (*SAYING, "space", "end")]
    if not rest:
        return "text" if said else "code"
    if not said and len(rest) <= 2 and rest[0][0] in ("word", "number"):
        return "name" if not CODE_SIGNS & set(rest[-1][1]) else "code"
    if not said:
        return "code"
    left = [text for _, text in rest]
    names_it = len(left) == 2 and left[1] == "="
    return "shown" if names_it or SHOWING.issuperset(left) else "mixed"


def said_in_code(source: str) -> str:
    """Return the comments and strings of a cell, each on lines of its own."""
    tokens = read_tokens(source)
    return "\n".join(text for kind, text in tokens if kind in SAYING)


def text_from_code(source: str) -> str:
    """Return a cell of code as Markdown: the marks of comments and strings taken off.

    What is more than one comment, string or paragraph stays as it is, in a block.
    """
    if IN_WORDS.match(source):
        return IN_WORDS.sub("", source)
    tokens = [t for t in read_tokens(source) if t[0] not in ("space", "end")]
    kinds = {kind for kind, _ in tokens}
    if kinds == {"comment"}:
        lines = source.strip().split("\n")
        return "\n".join(re.sub(r"^[ \t]*#+[ \t]?", "", line) for line in lines)
    if kinds == {"string"} and len(tokens) == 1:
        if quoted := IN_QUOTES.match(source.strip()):
            return textwrap.dedent(quoted[2]).strip("\n")
    if "comment" not in kinds and not BLOCK_SIGNS & {text for _, text in tokens}:
        return source
    return fence_text(source)


def fence_text(source: str) -> str:
    """Return a source as a block of code in Markdown, whatever stands in it."""
    longest = max(map(len, FENCE.findall(source)), default=2)
    marks = "`" * (longest + 1)
    body = source.strip("\n")
    return f"{marks}python\n{body}\n{marks}"
