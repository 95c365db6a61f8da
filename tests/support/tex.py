"""What a formula says, read from its TeX and from its MathML: two ways to one text.

Italic letters stand as they are, upright names behind a ', text in quotes, and what
hangs on a letter as `_{}` and `^{}`. Nothing here is shared with what draws formulas.
"""

import re
import unicodedata
from xml.etree import ElementTree

TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|\s+|.", re.S)
SYMBOLS = {
    **{"cdot": "·", "odot": "⊙", "le": "≤", "ge": "≥", "in": "∈", "dots": "…"},
    **{"sum": "∑", "infty": "∞", "partial": "∂", "top": "⊤", "times": "×"},
    **{"lVert": "‖", "rVert": "‖", "lfloor": "⌊", "rfloor": "⌋", "varepsilon": "ε"},
    **{"cdots": "⋯", "phi": "ϕ", "{": "{", "}": "}"},
}
NAMES = {"log", "exp", "sin", "cos", "tanh", "min", "max"}
WIDE = {"quad": 1, "qquad": 2}
NARROW = {r"\,", r"\!", r"\;", r"\:"}
ACCENTS = {"hat": "ˆ", "tilde": "~", "bar": "¯"}
SIZES = {"left", "right", "big", "Big", "bigg", "Bigg"}
SIGNS = {"-": "−", "*": "∗"}


class Tex:
    """Reads a formula's TeX."""

    def __init__(self, source):
        self.tokens, self.at = TOKEN.findall(source), 0

    def peek(self):
        while self.at < len(self.tokens) and self.tokens[self.at].isspace():
            self.at += 1
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self):
        found = self.peek()
        self.at += 1
        return found

    def row(self, *ends):
        """Return what stands before one of the ends."""
        said = ""
        while self.peek() and self.peek() not in ends:
            said += self.atom()
        return said

    def atom(self):
        """Return one letter, sign or command, with what hangs on it."""
        said, hung = self.one(), {}
        while self.peek() in ("_", "^") and self.peek():
            mark = self.take()
            hung[mark] = self.one()
        return said + "".join(f"{m}{{{hung[m]}}}" for m in "_^" if m in hung)

    def one(self):
        token = self.take()
        if token == "{":
            said = self.row("}")
            self.take()
            return said
        if not token.startswith("\\"):
            return SIGNS.get(token, token)
        if token in NARROW:
            return ""
        return self.command(token[1:])

    def command(self, name):
        """Return what a command says; a new one belongs into a table above."""
        if name in SYMBOLS:
            return SYMBOLS[name]
        if name in NAMES:
            return f"'{name}"
        if name in WIDE:
            return "⎵" * WIDE[name]
        if name in SIZES:
            delimiter = self.one()
            return "" if delimiter == "." else delimiter
        if name in ("mathrm", "operatorname"):
            return "'" + self.one()
        if name == "mathbf":
            return "".join(map(bold, self.one()))
        if name in ("text", "texttt"):
            return f'"{self.text()}"'
        if name == " ":
            return '" "'
        if name in ACCENTS:
            return f"{ACCENTS[name]}({self.one()})"
        if name == "sqrt":
            return f"√({self.one()})"
        if name in ("frac", "tfrac"):
            return f"({self.one()})/({self.one()})"
        if name == "begin":
            return self.table()
        return greek(name)

    def text(self):
        """Return an argument as text, its spaces kept."""
        assert self.take() == "{"
        start = self.at
        while self.tokens[self.at] != "}":
            self.at += 1
        self.at += 1
        said = "".join(self.tokens[start : self.at - 1])
        return re.sub(r"\\([_%#&])", r"\1", said)

    def table(self):
        """Return the cells of a `cases`."""
        assert self.text() == "cases"
        cells = ""
        while self.peek() != r"\end":
            cells += self.row("&", r"\\", r"\end")
            if self.peek() != r"\end":
                cells += {"&": "&", r"\\": "¶"}[self.take()]
        self.take(), self.text()
        return f"{{[{cells}]"


def bold(letter):
    """Return a letter as it stands in Unicode's bold alphabet."""
    assert letter.isascii() and letter.isalpha()
    start = (0x1D400, "A") if letter.isupper() else (0x1D41A, "a")
    return chr(start[0] + ord(letter) - ord(start[1]))


def greek(name):
    """Return a Greek letter; a capital is upright."""
    size = "CAPITAL" if name[0].isupper() else "SMALL"
    letter = unicodedata.lookup(f"GREEK {size} LETTER {name}")
    return f"'{letter}" if size == "CAPITAL" else letter


def read_tex(source):
    """Return what a formula's TeX says."""
    return Tex(source).row()


def read_mathml(made):
    """Return what a formula's MathML says."""
    return mathml(ElementTree.fromstring(re.sub(r' xmlns="[^"]*"', "", made)))


def mathml(one):
    parts = [mathml(child) for child in one]
    text = (one.text or "").replace("\xa0", " ")
    hang = {"msub": "_", "munder": "_", "msup": "^", "mover": "^"}
    if one.tag == "mspace":
        return "⎵" * int(float(one.get("width").removesuffix("em")))
    if one.tag == "mtext":
        return f'"{text}{"".join(parts)}"'
    if one.tag in ("mi", "mo") and (len(text) > 1 or one.get("mathvariant")):
        return f"'{text}"
    if one.tag in ("mi", "mn", "mo", "code"):
        return text
    if one.tag == "mover" and parts[1] in ACCENTS.values():
        return f"{parts[1]}({parts[0]})"
    if one.tag in ("msubsup", "munderover"):
        return f"{parts[0]}_{{{parts[1]}}}^{{{parts[2]}}}"
    if one.tag in hang:
        return f"{parts[0]}{hang[one.tag]}{{{parts[1]}}}"
    if one.tag in ("mfrac", "msqrt"):
        return "/".join(f"({p})" for p in parts) if one.tag == "mfrac" else (
            f"√({''.join(parts)})"
        )  # fmt: skip
    join = {"mtable": "¶", "mtr": "&"}.get(one.tag, "")
    said = join.join(parts)
    return f"[{said}]" if one.tag == "mtable" else said


CORE = {  # https://www.w3.org/TR/mathml-core: what browsers know, and where
    "math": {"display"},
    "mi": {"mathvariant"},
    "mo": {"form", "lspace", "rspace", "stretchy", "symmetric", "maxsize", "minsize",
           "largeop", "movablelimits", "fence", "separator"},
    "mspace": {"width", "height", "depth"},
    "mpadded": {"width", "height", "depth", "lspace", "voffset"},
    "mfrac": {"linethickness"},
    "mover": {"accent"}, "munder": {"accentunder"},
    "munderover": {"accent", "accentunder"},
    "mstyle": {"displaystyle", "scriptlevel", "mathcolor"},
    "mtable": {"displaystyle"},
    "mtd": {"columnspan", "rowspan", "columnalign"},  # the last for the page's style
    **{tag: set() for tag in ("mn", "mtext", "mrow", "mphantom", "msqrt", "mroot",
                              "msub", "msup", "msubsup", "mtr", "code")},
}  # fmt: skip


def tree(made):
    return ElementTree.fromstring(re.sub(r' xmlns="[^"]*"', "", made))


def core_faults(made):
    """Return what of a formula is not in MathML Core."""
    return [
        (one.tag, name)
        for one in tree(made).iter()
        for name in [*one.attrib, None]
        if one.tag not in CORE or (name and name not in CORE[one.tag])
    ]
