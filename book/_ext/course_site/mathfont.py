"""The font of the formulas: STIX Two Math, with the letters that the pages have."""

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from sphinx.errors import ExtensionError

PACKAGE, PLACE = "ziamath", "ziamath/fonts/STIXTwoMath-Regular.ttf"
FONT = "math.woff2"


def write_font(letters: set[str], folder: Path) -> Path:
    """Write the font for these letters into a folder; return its path.

    What formulas make of a letter comes with it: taller brackets, letters of scripts.
    """
    from fontTools.subset import Options, Subsetter, load_font, save_font

    options = Options(
        flavor="woff2",
        hinting=False,
        layout_features=["ssty", "dtls", "flac"],
        name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],  # its authors and its licence
        drop_tables=["DSIG"],
    )
    font = load_font(str(find_font()), options)
    # TeX hangs a script no lower below p than below x; browsers would.
    font["MATH"].table.MathConstants.SubscriptBaselineDropMin.Value = 0
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[ord(letter) for letter in letters])
    subsetter.subset(font)
    target = folder / FONT
    save_font(font, str(target), options)
    return target


def find_font() -> Path:
    """Return where the package that ships the font has put it."""
    try:
        package = distribution(PACKAGE)
    except PackageNotFoundError as error:
        raise ExtensionError(
            f"the package {PACKAGE} is missing: pip install -r requirements.txt"
        ) from error
    return Path(str(package.locate_file(PLACE)))
