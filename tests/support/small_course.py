"""Small things for tests of the website: a quiz, courses of a few files."""

from pathlib import Path

FLAT = {
    "attention/__init__.py": "",
    "attention/masking.py": "import json\n",
    "attention/additive.py": "from attention.masking import f\n",
    "attention/dates.py": (
        'from pathlib import Path\nFILE = Path(__file__) / "data" / "dates.txt"\n'
    ),
    "data/dates.txt": "1 May",
    "data/pairs.tsv": "a\tb",
}
NESTED = {
    "attention/__init__.py": "",
    "attention/shapes.py": "",
    "attention/mechanisms/__init__.py": "",
    "attention/mechanisms/masking.py": "from ..shapes import f\nimport numpy\n",
    "attention/mechanisms/additive.py": "from . import masking\n",
    "attention/figures/__init__.py": "",
    "attention/figures/plots.py": "import yaml\n",
    "attention/figures/explorer.py": (
        "from pathlib import Path\n"
        'SCRIPT = Path(__file__).with_name("explorer.js").read_text()\n'
        'STYLE = Path(__file__).with_suffix(".css").read_text()\n'
    ),
    "attention/figures/explorer.js": "let chosen;\n",
    "attention/figures/explorer.css": "svg {}\n",
    "attention/figures/other.js": "let other;\n",
    "attention/figures/__pycache__/plots.pyc": "no module",
}

QUIZ = """\
```{quiz} sums
What do weights sum to?

- [x] To 1, see $x$.

  A softmax divides by the sum.
- [ ] To `0`.

  None of them is negative.
```
"""


def write_course(folder: Path, files: dict[str, str]) -> Path:
    """Write the files of a course's book; return the course's folder."""
    for name, text in files.items():
        path = folder / "book" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder
