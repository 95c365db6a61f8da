"""MyST into the plain Markdown that Jupyter shows without an extension.

Labels and directives of Sphinx mean nothing in a notebook that travels: equations get
their numbers, references their text, boxes become quotations, quizzes fold.
"""

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from markdown_it.token import Token
from pybtex.database import Entry
from sphinx.environment import BuildEnvironment

from . import citations, page_source, quiz
from .library import find_definition
from .predict import OPEN, split_prediction

INLINE = re.compile(  # whichever comes first: a link in code is code
    r"\{(?P<role>[\w:+-]+)\}`(?P<content>[^`]+)`"
    r"|(?P<code>(?<!`)(?P<ticks>`+)(?!`)(?:(?!\n\s*\n).)+?(?<!`)(?P=ticks)(?!`))"
    r"|(?<!!)\[(?P<text>[^\]]*)\]\(<?(?!<?[a-z][a-z+.-]*:)"
    r"(?P<target>[^)\s>]*)>?(?:\s+\"[^\"]*\")?\)"
    r"|<(?:project|path):(?P<project>[^\s>]+)>",
    re.S,
)
EXPLICIT = re.compile(r"\A(?P<text>.+?)\s*<(?P<target>[^<>]+)>\Z", re.S)
CODE = ("func", "code", "kbd", "file", "command", "program", "option", "envvar")
LEFT_OUT = ("myst_target", "myst_line_comment")
LAYOUT = ("container", "grid")  # whose title is about places and styles
UNTITLED = ("admonition", "epigraph")


@dataclass
class PlainWriter:
    """Turns the Markdown cells of one page into plain Markdown."""

    equations: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    papers: Mapping[str, Entry] = field(default_factory=dict)
    book: Path = Path()

    @classmethod
    def of(cls, env: BuildEnvironment) -> "PlainWriter":
        """Take numbers, titles and papers from what Sphinx has read."""
        equations = env.get_domain("math").equations
        labels = env.get_domain("std").labels
        pages = {Path(name).name: title.astext() for name, title in env.titles.items()}
        bibliography = env.domains.get("cite")
        return cls(
            equations={label: str(number) for label, (_, number) in equations.items()},
            titles=pages | {label: title for label, (_, _, title) in labels.items()},
            papers=bibliography.bibdata.data.entries if bibliography else {},
            book=Path(env.srcdir) / "book",
        )

    def convert(self, text: str) -> str:
        """Return a cell's text without MyST's own syntax."""
        return "".join(self._convert_blocks(text)).strip()

    def _convert_blocks(self, text: str) -> Iterator[str]:
        """Yield the text piece by piece: what means something to Sphinx, and the rest.

        Code that is only shown stays as it is, whatever it looks like.
        """
        lines = text.splitlines(keepends=True)
        done = 0
        for block in page_source.parse_blocks(text):
            if block.level or not block.map:
                continue
            start, end = block.map
            if block.type in LEFT_OUT:
                new = ""
            elif directive := page_source.read_directive(block):
                new = f"{self._convert_directive(directive)}\n"
            elif block.type == "fence":
                new = "".join(lines[start:end])
            else:
                continue
            yield self._convert_inline("".join(lines[done:start]))
            yield new
            done = end
        yield self._convert_inline("".join(lines[done:]))

    def _convert_directive(self, what: page_source.Directive) -> str:
        match what.name:
            case "math":
                number = self.equations.get(what.options.get("label", ""))
                tag = f"\n\\tag{{{number}}}" if number else ""
                return f"$$\n{what.body}{tag}\n$$"
            case "quiz":
                return "\n\n".join(self._fold_quiz(what.body))
            case "predict":
                question, answer = map(self.convert, split_prediction(what.body))
                folded = f"<details><summary>{OPEN}</summary>\n\n{answer}\n\n</details>"
                return f"**Predict.** {question}\n\n{folded}"
            case "library":
                return self._show_signature(what.title)
            case "assignment":
                return f"The assignment `{what.title}` belongs to this chapter."
            case "code-block" | "code":
                return f"```{what.title}\n{what.body}\n```"
            case "image" | "figure":
                return f"*{what.options.get('alt') or self.convert(what.body)}*"
            case "dropdown":
                title, body = self._convert_inline(what.title), self.convert(what.body)
                return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"
            case name if name in LAYOUT or not (what.title or what.body):
                return self.convert(what.body)  # of a drawing nothing is left
        return self._quote(what)

    def _show_signature(self, dotted: str) -> str:
        found = find_definition(self.book, dotted)
        return f"```python\n{found.signature}\n```\n\nIts source is `{found.module}`."

    def _quote(self, box: page_source.Directive) -> str:
        """Return a box as a quotation under its title."""
        title = self._convert_inline(box.title)
        if box.name not in UNTITLED:
            title = title or box.name.title()
        lines = [f"**{title}**", ""] if title else []
        lines += self.convert(box.body).splitlines()
        return "\n".join(f"> {line}".rstrip() for line in lines)

    def _fold_quiz(self, body: str) -> Iterator[str]:
        """Yield the question, and each option with its reason folded under it."""
        blocks, lines = page_source.parse_blocks(body), body.splitlines()
        options = [block for block in blocks if _is_option(block, lines)]
        first = min((block.map[0] for block in options), default=len(lines))
        yield self.convert("\n".join(lines[:first]))
        for block in options:
            start, end = block.map
            item = [lines[start].replace("-", " ", 1), *lines[start + 1 : end]]
            option = textwrap.dedent("\n".join(item)).strip()
            choice, _, reason = option.partition("\n\n")
            mark = quiz.MARK.match(choice)
            verdict = "Not this one." if mark[1] == " " else "Right."
            shown = self._convert_inline(" ".join(choice[mark.end() :].split()))
            yield (
                f"<details><summary>{shown}</summary>\n\n**{verdict}** "
                f"{self.convert(reason)}\n\n</details>"
            )

    def _convert_inline(self, text: str) -> str:
        """Return text between blocks with its roles and links within the book told."""
        return INLINE.sub(self._convert_piece, text)

    def _convert_piece(self, match: re.Match[str]) -> str:
        if match["code"]:
            return match["code"]
        if match["role"]:
            return self._convert_role(match["role"], match["content"])
        if match["text"]:
            return self._convert_inline(match["text"])
        return self._name_target(match["target"] or match["project"] or "")

    def _name_target(self, target: str) -> str:
        """Return the words of a link that has none: a number or a title."""
        page, _, label = target.partition("#")
        for name in (label, Path(page).stem):
            if name in self.equations:
                return f"({self.equations[name]})"
            if name in self.titles:
                return self.titles[name]
        return label or Path(page).stem

    def _convert_role(self, name: str, content: str) -> str:
        text = " ".join(content.split())
        explicit = EXPLICIT.match(text)
        target = explicit["target"] if explicit else text
        if name == "lib":
            return f"`{target.rpartition('.')[2]}`"
        if name.startswith("cite"):
            keys = [key.strip() for key in target.split(",")]
            return self._cite(keys, in_text=name == "cite:t")
        if name == "math":
            return f"${text}$"
        if explicit and name != "eq":
            return explicit["text"]
        if name in ("eq", "math:numref", "ref", "numref", "doc", "any"):
            return self._name_target(target if name == "doc" else f"#{target}")
        return f"`{text}`" if name in CODE or name.startswith("py:") else text

    def _cite(self, keys: list[str], in_text: bool) -> str:
        joined = "; ".join(
            _cite_paper(self.papers[key], in_text) if key in self.papers else key
            for key in keys
        )
        return joined if in_text else f"({joined})"


def _is_option(block: Token, lines: list[str]) -> bool:
    """Say whether a block is an item of an outermost list that starts with a mark."""
    if block.type != "list_item_open" or block.level != 1:
        return False
    text = lines[block.map[0]].replace("-", "", 1).lstrip()
    return quiz.MARK.match(text) is not None


def _cite_paper(entry: Entry, in_text: bool) -> str:
    """Name a paper in a sentence, Bahdanau et al. (2015), or for brackets."""
    if not in_text:
        return citations.name_paper(entry)
    return f"{citations.name_authors(entry)} ({entry.fields['year']})"
