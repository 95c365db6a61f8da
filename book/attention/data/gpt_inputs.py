"""The OpenAI transformer's input transformations: one model for every task."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

Token = TypeVar("Token")
TASKS = ("classification", "entailment", "similarity", "choice")


def gpt_inputs(
    task: str, texts: Sequence[Sequence[Token]], special: Mapping[str, Token]
) -> list[list[Token]]:
    """Write a task as token sequences: Radford et al. (2018), section 3.3, figure 1.

    Args:
        task: `classification` (of one text), `entailment` (premise, hypothesis),
            `similarity` (of two texts: both orders), or `choice` (context, answers).
        texts: the tokens of each text.
        special: the tokens `start`, `delimiter` and `extract`.

    Raises:
        ValueError: if the task is unknown, or the number of texts does not fit it.

    """
    if task not in TASKS:
        raise ValueError(f"task: no {task!r} among {', '.join(TASKS)}")
    least = {"classification": 1, "choice": 3}.get(task, 2)
    if len(texts) < least or (task != "choice" and len(texts) > least):
        wanted = "3 or more" if task == "choice" else least
        raise ValueError(f"{task}: expected {wanted} texts, got {len(texts)}")
    start, delimiter, extract = (special[k] for k in ("start", "delimiter", "extract"))
    if task == "classification":
        return [[start, *texts[0], extract]]
    first, *others = texts
    joined = [(first, other) for other in others]
    if task == "similarity":
        joined.append((others[0], first))
    return [[start, *a, delimiter, *b, extract] for a, b in joined]
