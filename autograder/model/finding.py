"""What a probe of the machine, the wall or the course found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """What one probe found."""

    name: str
    ok: bool
    text: str
    cure: str = ""

    def __str__(self) -> str:
        """Return the finding as a line or two."""
        sign = "ok  " if self.ok else "FAIL"
        return f"{sign} {self.name}: {self.text}" + (
            f"\n     {self.cure}" if self.cure else ""
        )
