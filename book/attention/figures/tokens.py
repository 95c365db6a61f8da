"""Tokens and powers in figures: each is shown as itself, never read as a formula."""

import re
from typing import Any

from matplotlib.ticker import LogFormatterSciNotation

UNSEEN = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")  # and what no file may hold
ENDS = re.compile(r"^\s+|\s+$")
NAMED = {"\n": "↵", "\t": "⇥", "\x7f": "␡"}
RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def visible(token: str) -> str:
    """Return a token with signs for what is not seen: blanks at its ends, new lines.

    An empty token is shown as ∅.
    """
    shown = UNSEEN.sub(_name_unseen, token)
    return ENDS.sub(lambda blanks: "␣" * len(blanks[0]), shown) or "∅"


def _name_unseen(found: re.Match[str]) -> str:
    """Return the sign that stands for a control character."""
    code = ord(found[0])
    return NAMED.get(found[0]) or (chr(0x2400 + code) if code < 32 else "\ufffd")


class PlainPowers(LogFormatterSciNotation):
    """Write the numbers of a logarithmic axis as 10² or 2×10⁻³, in plain letters."""

    def __call__(self, x: float, pos: Any = None) -> str:
        """Return matplotlib's own label without its formula."""
        label = str(super().__call__(x, pos)).replace(r"\times", "×")
        label = re.sub(r"\$\\mathdefault\{(.*)\}\$", r"\1", label)
        return re.sub(r"\^\{(.*?)\}", lambda power: power[1].translate(RAISED), label)
