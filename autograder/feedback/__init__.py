"""nbgrader's pages of feedback, with messages and hints, safe to open."""

from pathlib import Path

PAGE_FOLDER = Path(__file__).with_name("page")  # the page's template and style
