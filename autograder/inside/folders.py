"""Where a submission may write, on both sides of the wall."""

from __future__ import annotations

import sys

# Nothing that Python reads may lie below the scratch directory, which is empty.
IN_TMP = any(prefix.startswith("/tmp/") for prefix in (sys.prefix, sys.base_prefix))


SCRATCH = "/var/tmp" if IN_TMP else "/tmp"
