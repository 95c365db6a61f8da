"""Everything between a solution file and a mark."""

import sys

# nbformat imports jsonschema, which builds a parser of internationalised addresses if
# it can: over a second for each process that reads a notebook, and nothing asks for it.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
