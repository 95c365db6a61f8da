"""What one submission may take of time, memory and files."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Limits:
    """What one submission may take."""

    cell_seconds: float = 20.0
    total_seconds: float = 180.0
    memory_mib: int = 1024
    scratch_mib: int = 64
    scratch_files: int = 4096
    file_mib: int = 32
    open_files: int = 128
    threads: int = 128
    output_bytes: int = 100_000
    line_bytes: int = 2_000

    def as_dict(self) -> dict[str, float]:
        """Return the limits as plain data."""
        return asdict(self)
