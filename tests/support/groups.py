"""Which tests share a worker: those of one assignment, or of one file."""

from pathlib import Path

from tests.support.places import ROOT

NAMES = sorted(path.name for path in (ROOT / "solutions").glob("[0-9]*"))
LONGEST = (  # files; a worker that got one of them last would leave the others idle
    "test_site",
    "test_autograder_attacks",
    "test_autograder_cheats",
    "test_attention_explorer",
    "test_autograder_cluster",
    "test_autograder_nbgrader",
)


BY_ASSIGNMENT = (
    "test_assignments",
    "test_autograder_cheats_in_course",
    "test_autograder_diagnose",
    "test_autograder_split",
    "test_sample_class",
)


def group(nodeid: str) -> str:
    """Return what a test shares its worker with: its assignment's tests, or its file's.

    What they made once serves all of them.
    """
    path, _, test = nodeid.partition("::")
    file, given = Path(path).stem, test.partition("[")[2]
    names = (name for name in NAMES if name in given and file in BY_ASSIGNMENT)
    return next(names, file)
