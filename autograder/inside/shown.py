"""What a notebook shows, printed."""

from __future__ import annotations

import sys
from typing import Any


class Publisher:
    """Prints the text of what is displayed."""

    is_publishing = False

    def publish(self, data: Any = None, *_: Any, **more: Any) -> None:
        """Print the text."""
        if data and not more.get("update"):
            print(data.get("text/plain", ""), file=sys.stdout)

    def clear_output(self, wait: bool = False) -> None:
        """Leave what was printed."""


def show_values(*values: Any, display_id: Any = None, **_: Any) -> Any:
    """Print values, as a notebook would show them."""
    for value in values:
        print(repr(value), file=sys.stdout)
    if not display_id:
        return None
    from IPython.display import DisplayHandle

    return DisplayHandle(display_id if isinstance(display_id, str) else None)
