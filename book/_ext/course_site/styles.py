"""Style sheets without the rules that no page can use.

The theme brings the rules of a whole framework; the course's pages use a tenth. A rule
stays if all that its selector names (elements, classes, ids, attributes) stands in some
page or in some script, which may add it while the page is read.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import tinycss2
from tinycss2.ast import Node

ICON_FONT = re.compile(r"--fa-|Font Awesome", re.I)
SHEETS_WITHIN = {"media", "supports", "layer", "container"}
LISTS = {"is", "where", "has", "matches"}  # one of what they list is enough
TAG = re.compile(r"<([a-zA-Z][\w-]*)((?:\s+[^\s=<>\"']+(?:=\"[^\"]*\"|='[^']*')?)*)")
ATTRIBUTE = re.compile(r"([^\s=<>\"']+)(?:=\"([^\"]*)\"|='([^']*)')?")
VARIABLE = re.compile(
    r"(?<=[{;])(--[\w-]+):(?:[^;{}\"']|\"[^\"]*\"|'[^']*')*(?:;|(?=\}))"
)
KEYFRAMES = re.compile(r"@(?:-webkit-)?keyframes ([\w-]+)\{(?:[^{}]*\{[^{}]*\})*\}")
WORD = re.compile(r"[A-Za-z_][\w-]*")
DARK = re.compile(r'\[data-theme="?dark"?\]')


@dataclass
class Names:
    """What pages are made of, as selectors name it; `variables` as styles use them."""

    tags: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    variables: set[str] = field(default_factory=set)

    def add_page(self, html: str) -> None:
        """Add what an HTML page has."""
        for tag, attributes in set(TAG.findall(html)):
            self.tags.add(tag.lower())
            for name, *values in ATTRIBUTE.findall(attributes):
                self.attributes.add(name.lower())
                if name == "class":
                    self.classes.update("".join(values).split())
                elif name == "id":
                    self.ids.add("".join(values))
        self.variables.update(re.findall(r"--[\w-]+", html))

    def add_script(self, script: str) -> None:
        """Add all words of a script: each may become a class, say, or an element."""
        words = set(WORD.findall(script))
        for name in re.findall(r"dataset\.(\w+)", script):
            words.add("data-" + re.sub(r"[A-Z]", lambda c: f"-{c[0].lower()}", name))
        for kind in (self.tags, self.classes, self.ids, self.attributes):
            kind.update(words)
        self.variables.update(re.findall(r"--[\w-]+", script))


def prune(sheet: str, names: Names) -> str:
    """Return a style sheet, in short, without what no page can use."""
    return _write_rules(tinycss2.parse_stylesheet(sheet, True, True), names)


def drop_unused_variables(sheet: str, names: Names) -> str:
    """Return a short style sheet without variables and movements that nothing names."""
    before = ""
    while sheet != before:
        before = sheet
        used = set(re.findall(r"var\((--[\w-]+)", sheet)) | names.variables
        sheet = _drop_named(VARIABLE, sheet, used)
        sheet = re.sub(r"(?:(?<=[}{])|^)[^{}]+\{\}", "", sheet)
        moving = " ".join(re.findall(r"animation(?:-name)?:([^;}]+)", sheet))
        sheet = _drop_named(KEYFRAMES, sheet, set(re.findall(r"[\w-]+", moving)))
    return sheet.replace(";}", "}")


def keep_dark(sheet: str) -> str:
    """Return a style sheet's rules for the dark theme, to hold whatever the theme is.

    Without a script nobody sets the theme that a reader prefers.
    """
    rules = tinycss2.parse_stylesheet(sheet, True, True)
    texts = (rule.serialize() for rule in rules if rule.type == "qualified-rule")
    return "".join(
        DARK.sub("[data-theme]", text) for text in texts if DARK.search(text)
    )


def _drop_named(pattern: re.Pattern[str], sheet: str, used: set[str]) -> str:
    return pattern.sub(lambda found: found[0] if found[1] in used else "", sheet)


def _write_rules(rules: Iterable[Node], names: Names) -> str:
    return "".join(_write_rule(rule, names) for rule in rules)


def _write_rule(rule: Node, names: Names) -> str:
    """Return a rule, or nothing if no page can use it."""
    if rule.type == "qualified-rule":
        selectors = [s for s in _split_list(rule.prelude) if can_match(s, names)]
        body = _write_declarations(rule.content)
        kept = ",".join(_write_selector(s) for s in selectors)
        return f"{kept}{{{body}}}" if kept and body else ""
    if rule.type != "at-rule" or rule.content is None:  # @charset, @import
        return ""
    head = f"@{rule.at_keyword} {_squeeze(rule.prelude)}".strip()
    if rule.lower_at_keyword in SHEETS_WITHIN:
        body = _write_rules(tinycss2.parse_rule_list(rule.content, True, True), names)
    elif rule.lower_at_keyword.endswith("keyframes"):
        body = _squeeze(rule.content)
    else:  # @font-face, @page
        theirs = ICON_FONT.search(_squeeze(rule.content))
        body = "" if theirs else _write_declarations(rule.content)
    return f"{head}{{{body}}}" if body and not ICON_FONT.search(head) else ""


def _write_declarations(content: list[Node]) -> str:
    """Return declarations in short; those of the icon font are left out."""
    written = []
    for one in tinycss2.parse_blocks_contents(content, True, True):
        if one.type != "declaration":
            continue
        important = "!important" if one.important else ""
        text = f"{one.name}:{_squeeze(one.value)}{important}"
        if not ICON_FONT.search(text):
            written.append(text)
    return ";".join(written)


def _split_list(tokens: list[Node]) -> Iterator[list[Node]]:
    """Yield the selectors of a list, which commas part."""
    part: list[Node] = []
    for token in tokens:
        if token.type == "literal" and token.value == ",":
            yield part
            part = []
        else:
            part.append(token)
    yield part


def can_match(selector: list[Node], names: Names) -> bool:
    """Say whether all that a selector names stands in some page or script."""
    before = ""
    for token in selector:
        known = True
        if token.type == "ident" and before == ".":
            known = token.value in names.classes
        elif token.type == "ident" and before != ":":
            known = token.lower_value in names.tags
        elif token.type == "hash":
            known = token.value in names.ids
        elif token.type == "[] block":
            known = _first_word(token.content) in names.attributes
        elif token.type == "function" and token.lower_name in LISTS:
            known = any(can_match(s, names) for s in _split_list(token.arguments))
        if not known:
            return False
        before = token.value if token.type == "literal" else ""
    return True


def _first_word(tokens: list[Node]) -> str:
    return next((t.lower_value for t in tokens if t.type == "ident"), "")


def _write_selector(selector: list[Node]) -> str:
    text = _squeeze(selector)
    return re.sub(r"\s*([>~+])\s*(?![^(\[]*[)\]])", r"\1", text)


def _squeeze(tokens: list[Node]) -> str:
    """Write tokens with one space where there were several, and no comments."""
    kept = [token for token in tokens if token.type != "comment"]
    text = "".join(
        " " if token.type == "whitespace" else token.serialize() for token in kept
    )
    return text.strip()
