"""Light pages: one style sheet with what is used, and no script that is not.

The theme's own scripts (menus, tooltips, copying) are replaced by `page.js`; what
searches is loaded by the search page alone. All pages have one sheet, `site.css`: at
the end of a build `styles` makes it of all that theme, extensions and course
bring. Code has an element only where its ink changes. `layout.html` names that sheet,
and `no_script.css`, which browsers without scripts add: they can't set the theme.
"""

import base64
import hashlib
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from docutils import nodes
from pygments.styles import get_style_by_name
from pygments.token import STANDARD_TYPES, Token
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from attention.figures.live_figure import drop_repeats

from .drawings import Drawings
from .styles import Names, drop_unused_variables, keep_dark, prune

SHEET = "_static/site.css"
NO_SCRIPT_SHEET = "_static/no_script.css"
DEAD = ".pst-js-only,.code-switch{display:none!important}"  # without a script
FIRST = ("basic.css", "styles/pydata-sphinx-theme.css")
UNWANTED_SHEETS = ("togglebutton", "copybutton", "sphinx-thebe", "styles/theme")
SEARCH_SCRIPTS = ("documentation_options.js", "doctools.js", "sphinx_highlight.js")
DROPPED = (
    "scripts/*",
    "styles/*",
    "vendor/**/*",
    "images/logo_*.png",
    "*button*.*",
    "clipboard*.js",
    "design-tabs.js",
    "sphinx-thebe.*",
    "sphinx-design*",
    "mystnb*.css",
    "readme-*.png",
    "locales/**/*",
)
SPANS = re.compile(r'(?:<span class="\w{1,4}">[^<]*</span>)+')
SPAN = re.compile(r'<span class="(\w{1,4})">([^<]*)</span>')
HIGHLIGHT = re.compile(
    r'(<div class="highlight"><pre>)(?:<span></span>)?(.*?)(?=</pre>)', re.S
)
INK = "x-"  # what the name of an ink's element begins with
INK_RULE = re.compile(r"(?<=\.highlight )\.(\w{1,4})(?=\s*[,{])")
SHARED_STYLE = re.compile(r"<style>([^<]*:not\(#_\)[^<]*)</style>")  # of a kind
SCRIPT = re.compile(r"<script>(.*?)</script>", re.S)
BETWEEN_BLOCKS = re.compile(
    r"\s*\n\s*(?=</?(?:div|section|details|summary|p|ul|table)\b)"
)
UNASKED = re.compile(  # classes that no rule of the page's one sheet asks for
    r'(?<=class=")([^"]*?)(?: notranslate| tex2jax_ignore mathjax_ignore'
    r"|(?<=cell_input) docutils container|(?<=cell_output) docutils container"
    r'|(?<=prompt) docutils container)(?=")'
)
TAGS = re.compile(r'(?<=class="cell)(?: tag_[\w-]+)+')
INSIDE = re.compile(r'<span class="(?:xref std std-term|pre)">([^<]*)</span>')
LARGE = 8000
SHARED = "window.attention_"  # what a script begins with that other scripts call
FIGURES = "figures"  # the folder of scripts that came with large data
PAPER_TITLE = re.compile(
    r'<div id="jb-print-docs-body".*?'
    r'(?=<div id="searchbox"|<article|<div class="bd-search)',
    re.S,
)
PICTURE = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=\s]{4000,})")


def setup(app: Sphinx) -> None:
    """Connect to page writing, after all others, and to the end of the build."""
    for script in ("page.js", "code.js"):
        app.add_js_file(script, loading_method="defer")
    app.add_css_file("page.css", priority=900)  # after course.css
    app.connect("env-get-outdated", write_for_styles)
    app.connect("html-page-context", lighten_page, priority=995)
    app.connect("build-finished", lighten_site, priority=950)  # after the theme


def write_for_styles(
    app: Sphinx,
    env: BuildEnvironment,
    added: set[str],
    changed: set[str],
    removed: set[str],
) -> list[str]:
    """Have a page written where styles or scripts changed: else none is copied."""
    digest = hashlib.sha256()
    for folder in app.config.html_static_path:
        for path in sorted(Path(app.confdir, folder).rglob("*")):
            digest.update(path.read_bytes() if path.is_file() else b"")
    known = getattr(env, "course_styles", "")
    env.course_styles = digest.hexdigest()
    return [] if known == env.course_styles else [app.config.root_doc]


def lighten_page(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Leave out scripts that a page has no use for, and spans that change nothing."""
    searches = pagename == "search"
    context["script_files"] = [
        script
        for script in context.get("script_files", [])
        if is_wanted(str(getattr(script, "filename", script) or ""), searches)
    ]
    context["without_paper_title"] = drop_paper_title
    context["shows_code"] = "cell_input" in context.get("body", "")
    if "body" in context:
        options = app.config.html_theme_options
        styles = [options.get(f"pygments_{theme}_style") for theme in ("light", "dark")]
        inks = group_inks([style for style in styles if style])
        body = thin_code(drop_repeats(context["body"]), inks)
        context["body"] = squeeze_blocks(Drawings().lighten(body))


def squeeze_blocks(html: str) -> str:
    """Leave out lines between blocks, and classes that no rule asks for."""
    html = TAGS.sub("", BETWEEN_BLOCKS.sub("", html))
    return INSIDE.sub(r"\1", UNASKED.sub(r"\1", html))


def drop_paper_title(html: str) -> str:
    """Leave out the title and the contents that the theme repeats for paper alone."""
    return PAPER_TITLE.sub("", html, count=1)


def is_wanted(script: str, searches: bool) -> bool:
    """Say whether a page loads a script; the theme's and its extensions' are not."""
    name = script.split("?")[0].rpartition("/")[2]
    theirs = (Path(__file__).parents[2] / "_static" / name).is_file()
    return bool(name) and (theirs or (searches and name in SEARCH_SCRIPTS))


# --- code ------------------------------------------------------------------


def group_inks(styles: list[str]) -> dict[str, str]:
    """Return for each class of code the one that looks the same; "" is plain text."""
    seen: dict[str, str] = {}
    for style in map(get_style_by_name, styles):
        base = style.style_for_token(Token)
        for kind, name in STANDARD_TYPES.items():
            look = style.style_for_token(kind)
            seen[name] = seen.get(name, "") + ("" if look == base else str(look))
    first: dict[str, str] = {"": ""}
    return {name: first.setdefault(look, name) for name, look in sorted(seen.items())}


def thin_code(html: str, inks: dict[str, str]) -> str:
    """Join what has the same ink in highlighted code; plain text needs no element.

    An ink is an element of its own, `<x-k>`, which is shorter than a span of a class.
    """

    def join(found: re.Match[str]) -> str:
        parts = [(inks.get(k, k), text) for k, text in SPAN.findall(found[0])]
        return "".join(
            f"<{INK}{ink}>{text}</{INK}{ink}>" if ink else text
            for ink, same in groupby(parts, key=lambda part: part[0])
            for text in ["".join(text for _, text in same)]
        )

    return HIGHLIGHT.sub(lambda code: code[1] + SPANS.sub(join, code[2]), html)


# --- the end of a build ----------------------------------------------------


def lighten_site(app: Sphinx, error: Exception | None) -> None:
    """Write the one sheet of all pages, name its version in them, drop the rest."""
    wrote = hasattr(app.builder, "globalcontext")  # some page was out of date
    if error is not None or app.builder.name != "html" or not wrote:
        return
    root = Path(app.outdir)
    pages = {path: path.read_text("utf-8") for path in find_pages(root)}
    if not any(SHEET in html for html in pages.values()):  # no `layout.html` of ours
        return
    sheet = write_sheet(root, list(list_sheets(app)), pages.values())
    version = hashlib.sha256(sheet.encode()).hexdigest()[:8]
    link = re.compile(rf'({SHEET}|{NO_SCRIPT_SHEET})(?:\?v=\w+)?"')
    for path, html in pages.items():
        changed = link.sub(rf'\1?v={version}"', SHARED_STYLE.sub("", html))
        changed = move_scripts(move_pictures(changed, root, path), root, path)
        changed = drop_blank_lines(changed)
        if changed != html:
            path.write_text(changed, "utf-8")
    for pattern in DROPPED:
        for path in (root / "_static").glob(pattern):
            if path.is_file():
                path.unlink()


def drop_blank_lines(html: str) -> str:
    """Leave out what the theme's templates leave empty; code keeps its blank lines."""
    parts = re.split(r"(<pre\b.*?</pre>|<textarea\b.*?</textarea>)", html, flags=re.S)
    parts[::2] = [re.sub(r"\s*\n\s*", "\n", part) for part in parts[::2]]
    return "".join(parts)


def find_pages(root: Path) -> Iterator[Path]:
    """Yield the pages of a site, not the reports on cells that failed."""
    for path in sorted(root.rglob("*.html")):
        if "reports" not in path.relative_to(root).parts:
            yield path


def list_sheets(app: Sphinx) -> Iterator[str]:
    """Yield the sheets in the order in which a browser would have applied them."""
    yield from FIRST
    sheets = app.builder.globalcontext["css_files"]
    for sheet in sorted(sheets, key=lambda sheet: sheet.priority):
        name = str(sheet.filename).split("?")[0].removeprefix("_static/")
        if not name.startswith(UNWANTED_SHEETS):
            yield name


def write_sheet(root: Path, sheets: list[str], pages: Any) -> str:
    """Write the sheet with all that the pages and their scripts can use; return it."""
    names, static = Names(), root / "_static"
    for html in pages:
        names.add_page(html)
        for script in re.findall(r"<script[^>]*>(.*?)</script>", html, re.S):
            names.add_script(script)
    for script in static.rglob("*.js"):
        theirs = script.parent.name == FIGURES or script.name == "searchtools.js"
        if theirs or is_wanted(script.name, True):
            names.add_script(script.read_text("utf-8"))
    texts = [(static / name).read_text("utf-8") for name in sheets]
    texts = [INK_RULE.sub(rf":is(.\1, {INK}\1)", text) for text in texts]
    texts += sorted({style for html in pages for style in SHARED_STYLE.findall(html)})
    joined = "".join(prune(text, names) for text in texts)
    sheet = drop_unused_variables(joined, names)
    (root / SHEET).write_text(sheet, "utf-8")
    dark = f"@media(prefers-color-scheme:dark){{{keep_dark(sheet)}}}"
    (root / NO_SCRIPT_SHEET).write_text(DEAD + dark, "utf-8")
    return sheet


def move_pictures(html: str, root: Path, page: Path) -> str:
    """Put large pictures out of a page, into files: as text they weigh a third more."""

    def move(found: re.Match[str]) -> str:
        return write_part(base64.b64decode(found[1]), "_images", ".png", root, page)

    return PICTURE.sub(move, html)


def move_scripts(html: str, root: Path, page: Path) -> str:
    """Put large scripts, which bring a figure's data, out of the way of the text."""

    def move(found: re.Match[str]) -> str:
        if len(found[1]) < LARGE:
            return found[0]
        shared = found[1].lstrip().startswith(SHARED)  # called while the page is read
        folder = f"_static/{FIGURES}"
        place = write_part(found[1].encode(), folder, ".js", root, page)
        return f'<script{"" if shared else " defer"} src="{place}"></script>'

    return SCRIPT.sub(move, html)


def write_part(data: bytes, folder: str, end: str, root: Path, page: Path) -> str:
    """Write a file named after what is in it; return its address from a page."""
    target = root / folder / (hashlib.sha256(data).hexdigest()[:16] + end)
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(data)
    up = "../" * (len(page.relative_to(root).parts) - 1)
    return f"{up}{folder}/{target.name}"
