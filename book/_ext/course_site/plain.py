"""MyST into the plain Markdown that Jupyter shows without an extension.

Labels and directives of Sphinx mean nothing in a notebook that travels: equations get
their numbers, references their text, boxes become quotations, quizzes fold.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from docutils import nodes
from pybtex.database import Entry, parse_file
from sphinx.environment import BuildEnvironment

FENCE = re.compile(
    r"^(?P<fence>`{3,}|:{3,})\{(?P<name>[\w:-]+)\}[ ]*(?P<title>[^\n]*)\n"
    r"(?P<options>(?::[\w-]+:[^\n]*\n)*)\n?(?P<body>.*?)^(?P=fence)[ ]*$",
    re.M | re.S,
)
ROLE = re.compile(r"\{(?P<name>[\w:-]+)\}`(?P<text>[^`]+)`")
LABEL = re.compile(r"^\([\w.:-]+\)=[ ]*\n", re.M)
EXPLICIT = re.compile(r"\A(?P<text>.+?)\s*<(?P<target>[^<>]+)>\Z", re.S)
LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]+)\]\((?!https?:)(?P<target>[^)\s]*)\)")
COMMENT = re.compile(r"^%.*\n?", re.M)
OPTION = re.compile(r"^- \[(?P<mark>[ xX])\][ ]+(?P<text>.*?)(?=^- \[|\Z)", re.M | re.S)


@dataclass
class Writer:
    """Turns the Markdown cells of one page into plain Markdown."""

    equations: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    papers: Mapping[str, Entry] = field(default_factory=dict)

    @classmethod
    def of(cls, env: BuildEnvironment, pagename: str) -> "Writer":
        """Take numbers and titles from Sphinx, papers from the bibliography."""
        equations = env.get_domain("math").equations
        labels = env.get_domain("std").labels
        pages = {Path(name).name: title.astext() for name, title in env.titles.items()}
        papers: dict[str, Entry] = {}
        for file in getattr(env.config, "bibtex_bibfiles", ()):
            papers.update(parse_file(str(Path(env.srcdir) / file)).entries)
        return cls(
            equations={label: str(number) for label, (_, number) in equations.items()},
            titles=pages | {label: title for label, (_, _, title) in labels.items()},
            papers=papers,
        )

    def convert(self, text: str) -> str:
        """Return a cell's text without MyST's own syntax."""
        text = LABEL.sub("", COMMENT.sub("", text))
        while FENCE.search(text):  # from the outside in
            text = FENCE.sub(self._directive, text)
        text = ROLE.sub(self._role, text)
        return LINK.sub(lambda m: m["text"], text).strip()

    def _directive(self, match: re.Match[str]) -> str:
        name, title, body = match["name"], match["title"].strip(), match["body"].strip()
        options = dict(re.findall(r"^:([\w-]+):[ ]*(.*)$", match["options"], re.M))
        if name == "math":
            number = self.equations.get(options.get("label", ""))
            tag = f"\n\\tag{{{number}}}" if number else ""
            return f"$$\n{body}{tag}\n$$"
        if name == "quiz":
            return _quiz(body)
        if name == "assignment":
            return f"The assignment `{title}` belongs to this chapter."
        if name in ("code-block", "code"):
            return f"```{title}\n{body}\n```"
        if name in ("image", "figure"):
            return f"*{options.get('alt') or body}*"
        if name == "dropdown":
            return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"
        head = title or ("" if name in ("admonition", "epigraph") else name.title())
        lines = ([f"**{head}**", ""] if head else []) + body.splitlines()
        return "\n".join(f"> {line}".rstrip() for line in lines)

    def _role(self, match: re.Match[str]) -> str:
        name, text = match["name"], " ".join(match["text"].split())
        explicit = EXPLICIT.match(text)
        target = explicit["target"] if explicit else text
        if name == "eq":
            return f"({self.equations.get(target, target)})"
        if name.startswith("cite"):
            keys = [key.strip() for key in target.split(",")]
            return self._cite(keys, in_text=name == "cite:t")
        if explicit:
            return explicit["text"]
        if name in ("ref", "numref", "doc"):
            return self.titles.get(target.split("/")[-1], target)
        return f"`{text}`" if name in ("py:func", "func", "code", "kbd") else text

    def _cite(self, keys: list[str], in_text: bool) -> str:
        joined = "; ".join(
            _authors(self.papers[key], in_text) if key in self.papers else key
            for key in keys
        )
        return joined if in_text else f"({joined})"


def _quiz(body: str) -> str:
    """Fold each option's reason under the option."""
    start = OPTION.search(body)
    parts = [body[: start.start()].strip() if start else body]
    for option in OPTION.finditer(body):
        choice, _, reason = option["text"].strip().partition("\n\n")
        verdict = "Not this one." if option["mark"] == " " else "Right."
        inner = "\n".join(line.strip() for line in reason.splitlines())
        choice = " ".join(choice.split())
        parts.append(
            f"<details><summary>{choice}</summary>\n\n**{verdict}** {inner}\n\n"
            "</details>"
        )
    return "\n\n".join(parts)


def _authors(entry: Entry, in_text: bool) -> str:
    """Name a paper as the text does: Bahdanau et al. (2015)."""
    names = [
        nodes.unescape(" ".join([*person.prelast_names, *person.last_names]))
        for person in entry.persons.get("author", [])
    ]
    names = [re.sub(r"[{}]", "", name) for name in names]
    who = names[0] if names else entry.key
    if len(names) == 2:
        who = f"{names[0]} and {names[1]}"
    elif len(names) > 2:
        who = f"{names[0]} et al."
    year = entry.fields.get("year", "")
    return f"{who} ({year})" if in_text else f"{who}, {year}"
