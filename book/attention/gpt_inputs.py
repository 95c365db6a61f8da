"""The OpenAI transformer's input transformations: one model for every task."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")
TASKS = ("classification", "entailment", "similarity", "choice")


def gpt_inputs(
    task: str, texts: Sequence[Sequence[T]], special: Mapping[str, T]
) -> list[list[T]]:
    """Write a task as token sequences: Radford et al. (2018), section 3.3, figure 1.

    Args:
        task: what `texts` holds. `classification`: one text. `entailment`: premise,
            hypothesis. `similarity`: two texts, without an order. `choice`: the
            context (document and question), then two or more answers.
        texts: the tokens of each text.
        special: the tokens `start`, `delimiter` and `extract`.

    Returns:
        The sequences that the model reads: one for classification and entailment, two
        for similarity (both orders), one an answer for a choice. Each starts with
        `start`, ends with `extract`, and has `delimiter` between two texts.

    Raises:
        ValueError: if the task is unknown, or the number of texts does not fit it.

    """
    if task not in TASKS:
        raise ValueError(f"task: no {task!r} among {', '.join(TASKS)}")
    least, most = {"classification": (1, 1), "choice": (3, None)}.get(task, (2, 2))
    if len(texts) < least or (most is not None and len(texts) > most):
        wanted = least if most else f"at least {least}"
        raise ValueError(f"{task}: expected {wanted} texts, got {len(texts)}")
    start, delimiter, extract = (
        special[name] for name in ("start", "delimiter", "extract")
    )
    if task == "classification":
        return [[start, *texts[0], extract]]
    first, *others = texts
    joined = [(first, other) for other in others]
    if task == "similarity":
        joined.append((others[0], first))
    return [[start, *a, delimiter, *b, extract] for a, b in joined]
