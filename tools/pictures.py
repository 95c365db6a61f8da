"""Take the README's pictures from the built website: `make pictures`."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html" / "book"
TARGET = ROOT / "book" / "_static"
FIRST_PAGE = SITE / "intro.html"
CHAPTER = SITE / "04_bahdanau.html"
ALIGNMENT = "#where-the-model-looks .picture"


def main() -> None:
    """Write readme-site.png and readme-alignment.png."""
    if not CHAPTER.exists():
        sys.exit("pictures: there is no site yet; build it first: make site")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 1180})
        take(page)
        browser.close()


def take(page: Page) -> None:
    """Take the first page, and from chapter 4 the alignment of a date."""
    page.goto(FIRST_PAGE.as_uri())
    page.wait_for_timeout(1000)
    page.screenshot(path=TARGET / "readme-site.png")
    page.goto(CHAPTER.as_uri())
    page.locator(ALIGNMENT).first.screenshot(path=TARGET / "readme-alignment.png")
    for name in ("readme-site.png", "readme-alignment.png"):
        print(f"pictures: {(TARGET / name).relative_to(ROOT)}")


if __name__ == "__main__":
    main()
