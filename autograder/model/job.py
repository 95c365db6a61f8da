"""A job: all that a verdict depends on, as plain data; and what an engine reports."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass, field
from functools import lru_cache

from autograder.model.outcome import CellOutcome
from autograder.model.verdict import sha256
from autograder.model.versions import running_versions


@dataclass(frozen=True)
class Job:
    """One submission to grade, as plain data."""

    student: str
    submission: bytes = field(repr=False)
    assignment: str
    source: str = field(repr=False)
    mistakes: str | None = field(default=None, repr=False)
    files: dict[str, bytes] = field(default_factory=dict, repr=False, hash=False)
    limits: dict[str, float] = field(default_factory=dict, hash=False)
    sandbox: str = "bwrap"
    digest: str = ""  # of the whole file, where `submission` came without its outputs

    @property
    def submission_sha256(self) -> str:
        """The SHA-256 of what was handed in."""
        return self.digest or sha256(self.submission)

    @property
    def assignment_sha256(self) -> str:
        """The SHA-256 of the assignment: its name, source, catalogue and data."""
        data = tuple((name, sha256(raw)) for name, raw in self.files.items())
        return assignment_sha256(self.assignment, self.source, self.mistakes, data)

    @property
    def key(self) -> str:
        """The key of the job's verdict in a journal."""
        settings: dict[str, object] = {"limits": self.limits, "sandbox": self.sandbox}
        return verdict_key(self.submission_sha256, self.assignment_sha256, settings)

    def to_bytes(self) -> bytes:
        """Return the job as JSON."""
        files = {name: as_text(raw) for name, raw in self.files.items()}
        data = asdict(self) | {"submission": as_text(self.submission), "files": files}
        return json.dumps(data, sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Job:
        """Return the job that JSON describes."""
        made = json.loads(data)
        made["submission"] = base64.b64decode(made["submission"])
        files = {name: base64.b64decode(text) for name, text in made["files"].items()}
        return cls(**{**made, "files": files})


@dataclass(frozen=True)
class Report:
    """What an engine says of one submission: its cells, and hints to tests by id."""

    outcomes: tuple[CellOutcome, ...]
    hints: dict[str, str] = field(default_factory=dict)


@lru_cache(maxsize=64)
def assignment_sha256(
    name: str, source: str, mistakes: str | None, files: tuple[tuple[str, str], ...]
) -> str:
    """Return the SHA-256 of an assignment; `files` are (name, SHA-256) of its data."""
    return sha256(json.dumps([name, source, mistakes, files]).encode())


def as_text(raw: bytes) -> str:
    """Return bytes as text that JSON takes."""
    return base64.b64encode(raw).decode()


def verdict_key(
    submission_sha: str, assignment_sha: str, settings: dict[str, object]
) -> str:
    """Return the key of a verdict: all that it depends on."""
    parts = [submission_sha, assignment_sha, running_versions(), settings]
    return sha256(json.dumps(parts, sort_keys=True).encode())
