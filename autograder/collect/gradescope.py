"""Gradescope's export: `submission_metadata.yml` says whose each folder is.

It is read as a stream of YAML's events, never made into objects: tags and aliases mean
nothing here, and what is not asked for is passed over.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from autograder.collect.archive import ArchiveFile
from autograder.collect.dates import read_moment
from autograder.collect.platforms import Named
from autograder.collect.whose import ReadName
from autograder.course import CourseError

METADATA = "submission_metadata.yml"
MOST_NESTED = 100
WANTED = ("name", "email", "sid")
YAML_READER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
PLAIN = (None, "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:timestamp")
Step = str | int


@dataclass
class ExportFolder:
    """Who handed in a folder, and when."""

    people: dict[int, dict[str, str]] = field(default_factory=dict)
    when: datetime.datetime | None = None


def settle_gradescope(readings: list[ReadName], name: str) -> list[ReadName]:
    """Give each folder to those who handed it in; name those without a folder."""
    told: dict[tuple[Path, str], ExportFolder] = {}
    metadata = None
    for reading in readings:
        # One inside a folder is a student's: it may say what it likes.
        if not reading.says and reading.entry.path.endswith(METADATA):
            metadata = reading
            for folder, submission in read_submissions(reading.entry).items():
                told[reading.entry.archive, folder] = submission
    if metadata is None:
        why = (
            "These are Gradescope's folders, but submission_metadata.yml is not there:"
        )
        cure = "it says who handed in what. Give the whole export; or --from files, if "
        cure += "the folders' names will do, or --pattern, to say what a student is."
        raise CourseError(f"{why} {cure}")
    seen = {(r.entry.archive, says.student) for r in readings for says in r.says}
    absent = [
        ReadName(
            replace(metadata.entry, path=folder), whose, aside="is in the metadata"
        )
        for (archive, folder), submission in told.items()
        if (archive, folder) not in seen and (whose := people_of(submission, None))
    ]
    return [give_to_all(reading, told) for reading in readings] + absent


def give_to_all(
    reading: ReadName, told: dict[tuple[Path, str], ExportFolder]
) -> ReadName:
    """Return whose a folder's file is, by the metadata."""
    if not reading.says:
        return reading
    folder = reading.says[0].student
    submission = told.get((reading.entry.archive, folder), ExportFolder())
    people = people_of(submission, reading.says[0])
    if people:
        return replace(reading, says=people)
    return ReadName(reading.entry, left=f"{METADATA} names nobody for {folder}")


def people_of(submission: ExportFolder, says: Named | None) -> tuple[Named, ...]:
    """Return those who handed in, as owners of a file."""
    whose = []
    for _, person in sorted(submission.people.items()):
        told = [person[key] for key in ("email", "sid") if person.get(key)]
        known = person.get("name") or (told[0] if told else "")
        if known:
            base = says or Named("", "")
            others = (*told, base.student) if base.student else tuple(told)
            key = told[0] if told else base.student or None
            whose.append(
                replace(
                    base,
                    student=known,
                    key=key,
                    names=others,
                    when=submission.when,
                    back="",
                )
            )
    return tuple(whose)


def read_submissions(entry: ArchiveFile) -> dict[str, ExportFolder]:
    """Return who handed in each folder.

    Raises:
        CourseError: if it can't be read.

    """
    found: defaultdict[str, ExportFolder] = defaultdict(ExportFolder)
    try:
        if isinstance(entry.content, str):
            raise ValueError(entry.content)
        for path, value in scalars(entry.content):
            match path:
                case [str(folder), "submitters", int(n), str(key)] if key in WANTED:
                    found[folder].people.setdefault(n, {})[key] = value.strip()
                case [str(folder), "created_at"]:
                    found[folder].when = read_moment(value)
    except (yaml.YAMLError, ValueError, UnicodeError) as error:
        why = " ".join(str(error).split())[:200]
        raise CourseError(
            f"{entry.path} of {entry.archive} cannot be read: {why}. Download the "
            "export again, or say with --pattern whose a file is."
        ) from None
    return dict(found)


def scalars(content: bytes) -> Iterator[tuple[list[Step], str]]:
    """Yield each plain value of a YAML document with the keys that lead to it."""
    frames: list[YamlFrame] = []
    for event in yaml.parse(content, Loader=YAML_READER):
        if isinstance(event, yaml.CollectionEndEvent):
            frames.pop()
        elif isinstance(event, yaml.NodeEvent):
            is_value = not frames or frames[-1].take(getattr(event, "value", ""))
            if isinstance(event, yaml.CollectionStartEvent):
                frames.append(YamlFrame(isinstance(event, yaml.MappingStartEvent)))
                if len(frames) > MOST_NESTED:
                    raise ValueError(f"it nests more than {MOST_NESTED} deep")
            elif is_value and getattr(event, "tag", "!object") in PLAIN:
                yield [frame.key for frame in frames], event.value


class YamlFrame:
    """Where one stands in a mapping or a list."""

    def __init__(self, is_mapping: bool) -> None:
        self.at_value = True
        self.key: Step = "" if is_mapping else -1

    def take(self, text: str) -> bool:
        """Take the next node; return whether it is a value, and no key."""
        if isinstance(self.key, int):
            self.key += 1
            return True
        self.at_value = not self.at_value
        if not self.at_value:
            self.key = text.lstrip(":")
        return self.at_value
