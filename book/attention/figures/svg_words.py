"""Words at a place of an SVG."""

import html


def words_at(
    x: float, y: float, words: object, anchor: str = "middle", name: str = ""
) -> str:
    """Write words whose start, middle or end stands at x, on a line at height y."""
    kind = f' class="{name}"' if name else ""
    where = "" if anchor == "start" else f' text-anchor="{anchor}"'
    text = html.escape(str(words))
    return f'<text{kind} x="{round(x, 1):g}" y="{round(y, 1):g}"{where}>{text}</text>'
