"""What nbgrader is told of a cell: outputs, of which it makes the mark, and metadata.

`nbgrader.utils.determine_grade` goes through a test's outputs in their order: an error
or a text on stderr costs all points, a result is the points, all else is full marks.
So a warning, which costs nothing, is an output of another kind here. The verdict in
the cell's metadata is what the page of feedback is made of.
"""

from __future__ import annotations

import re
from typing import Any

from autograder.model.verdict import CellVerdict, Printed

METADATA_KEY = "autograder"
SAID, WARNED = {METADATA_KEY: "test"}, {METADATA_KEY: "stderr"}
CONTROLS = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f]")


def strip_controls(text: str) -> str:
    """Return a text without terminal codes and control characters."""
    return CONTROLS.sub("", text.replace("\r\n", "\n"))


def outputs_of_cell(printed: Printed) -> list[dict[str, Any]]:
    """Return the outputs of a cell that is no test."""
    made = stream_output("stdout", printed.output)
    made += stream_output("stderr", printed.errors)
    why = printed.ended.mapped(strip_controls)
    if text := str(why):
        error = {"ename": why.raised or "Ended", "evalue": why.text}
        made.append({"output_type": "error", **error, "traceback": [text]})
    return made


def outputs_of_test(printed: Printed, verdict: CellVerdict) -> list[dict[str, Any]]:
    """Return the outputs of a test, which give it the verdict's points."""
    made = stream_output("stdout", printed.output)
    made += display_output("display_data", printed.errors, WARNED)
    return made + result_of_test(verdict)


def result_of_test(verdict: CellVerdict) -> list[dict[str, Any]]:
    """Return the output that says why a test lost points; none where it did not."""
    why = strip_controls(verdict.message or "")
    if verdict.outcome == "passed":
        return []
    if verdict.points:
        (result,) = display_output("execute_result", repr(verdict.points), {})
        result["execution_count"] = None
        return [*display_output("display_data", why, SAID), result]
    hint = ["", f"Hint: {strip_controls(verdict.hint)}"] if verdict.hint else []
    error = {"ename": verdict.outcome, "evalue": why, "traceback": [why, *hint]}
    return [{"output_type": "error"} | error]


def stream_output(name: str, text: str) -> list[dict[str, Any]]:
    """Return the output of a text, none of an empty one."""
    text = strip_controls(text)
    return [{"output_type": "stream", "name": name, "text": text}] if text else []


def display_output(
    kind: str, text: str, metadata: dict[str, str]
) -> list[dict[str, Any]]:
    """Return the output that shows a text, none of an empty one."""
    data = {"text/plain": strip_controls(text)}
    made = {"output_type": kind, "data": data, "metadata": metadata}
    return [made] if data["text/plain"] else []
