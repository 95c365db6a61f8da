"""What the attention explorer shows: scores, masks, weights and their sentence."""

import base64
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

MANY = 2**14  # scores; more than these take two bytes each in place of three
FOLDED = 0.01  # weights below it share one line in a long list
LONG = 12  # keys that stand without folding


def say(
    queries: Sequence[str], chosen: int, keys: Sequence[str], row: np.ndarray
) -> str:
    """Say in a sentence what a query attends to, as the page's script does."""
    query = _quote(queries, chosen)
    first, *others = np.argsort(-row, kind="stable").tolist()
    if row[first] == 0:
        return f"{query} attends to nothing."
    said = f"{query} attends most to {_quote(keys, first)} ({fixed(row[first])})"
    if not others or row[others[0]] < 0.005:
        return said + "."
    said += f", then to {_quote(keys, others[0])} ({fixed(row[others[0]])})"
    rest = float(sum(row[other] for other in others[1:]))
    return said + (f"; the others share {fixed(rest)}." if rest >= 0.005 else ".")


def _quote(tokens: Sequence[str], i: int) -> str:
    """Quote a token, with its number if it stands more than once."""
    again = list(tokens).count(tokens[i]) > 1
    return f"“{tokens[i]}”" + (f" (no. {i + 1})" if again else "")


def as_scores(
    scores: ArrayLike | None,
    weights: ArrayLike | None,
    shape: tuple[int, int],
    layers: Sequence[str],
    heads: Sequence[str],
) -> np.ndarray:
    """Return scores, (layers, heads, queries, keys), or say what is wrong."""
    if (scores is None) == (weights is None):
        raise ValueError("give either scores, or None and weights=…")
    given = scores if weights is None else weights
    given = getattr(given, "detach", lambda: given)()  # a tensor that has gradients
    table = np.asarray(given, dtype=float)
    front = table.shape[:-2]
    alone = len(front) < 2 and len(layers) > 0 and not heads  # layers of one head each
    front = (*front, 1) if alone else front
    front = (1,) * (2 - len(front)) + front
    expected = (len(layers) or front[0], len(heads) or front[1], *shape)
    if front + table.shape[-2:] != expected or table.size == 0:
        axes = max(2 + bool(heads) + bool(layers), min(table.ndim, 4))
        wanted = (expected[0], *shape) if alone else expected[-axes:]
        raise ValueError(
            f"{'scores' if weights is None else 'weights'} must be ([[layers,] heads,] "
            f"queries, keys): expected {wanted}, got {table.shape}"
        )
    if weights is None:
        if np.isnan(table).any() or (table == np.inf).any():
            raise ValueError("scores must be numbers or -inf: found NaN or infinity")
    elif not np.all((table >= 0) & (table <= 1 + 1e-5)):
        raise ValueError("weights must lie between 0 and 1, and none may be NaN")
    else:
        with np.errstate(divide="ignore"):
            table = np.log(table)
    return table.reshape(expected)


def are_softmax(weights: np.ndarray) -> bool:
    """Say whether each row sums to 1, or to 0 where it attends to nothing."""
    sums = weights.sum(-1)
    return bool(np.all((abs(sums - 1) < 2e-3) | (sums == 0)))


def pack(table: np.ndarray) -> dict:
    """Write scores as whole numbers: (low + number) * step; the last is -infinity."""
    size = 3 if table.size <= MANY else 2  # bytes a score
    nothing = 256**size - 1
    finite = np.isfinite(table)
    lowest, highest = (
        (table[finite].min(), table[finite].max()) if finite.any() else (0, 0)
    )
    if max(-lowest, highest) > 1e5:
        raise ValueError(
            f"scores from {lowest:g} to {highest:g}: pass -inf or masks, not a fill"
        )
    spread = max(highest - lowest, 2.0**-20) / (nothing - 3)
    step = 2.0 ** np.ceil(np.log2(spread))  # so that 0, 0.5 and 3 stay what they are
    low = int(np.floor(lowest / step))
    numbers = np.where(finite, np.round(np.where(finite, table, 0) / step) - low, 0)
    codes = np.where(finite, numbers, nothing).astype(">u4")
    text = codes.reshape(-1, 1).view(np.uint8)[:, 4 - size :].tobytes()
    return {
        "scores": base64.b64encode(text).decode(),
        "bytes": size,
        "low": low,
        "step": float(step),
    }


def write_bits(mask: ArrayLike, name: str, shape: tuple[int, ...]) -> str:
    """Write a mask as a 1 for each key that a query may attend to, else a 0."""
    try:
        table = np.broadcast_to(np.asarray(mask), shape)
    except ValueError:
        table = np.asarray(mask)
    if table.shape != shape or table.dtype != bool:
        raise ValueError(
            f"mask {name!r} must be booleans that broadcast to (queries, keys): "
            f"expected {tuple(shape)}, got {table.shape} of {table.dtype}"
        )
    return "".join("01"[bit] for bit in table.ravel().astype(int))


def weigh(
    row: np.ndarray, allowed: np.ndarray, temperature: float, shares: bool
) -> np.ndarray:
    """Return the weights of a row of scores, as the page's script does."""
    if shares:
        return np.exp(row)
    scaled = np.where(allowed, row / temperature, -np.inf)
    if scaled.max() == -np.inf:
        return np.zeros(len(row))
    exps = np.exp(scaled - scaled.max())
    return exps / exps.sum()


class Row(NamedTuple):
    """One token's scores, which of them may be attended to, and the weights."""

    scores: np.ndarray
    allowed: np.ndarray
    weights: np.ndarray


def first_row(data: dict[str, Any], scores: np.ndarray, query: int) -> Row:
    """Return a row of what is shown at first, as exact as the page's script.

    Args:
        data: what the script reads.
        scores: (queries, keys), of one head.
        query: the row.

    """
    n, temperatures = scores.shape[1], data["temperatures"]
    row = np.round(scores[query] / data["step"]) * data["step"]
    allowed = np.isfinite(row) | data["shares"]
    if data["masks"]:
        bits = data["masks"][0][query * n : (query + 1) * n]
        allowed &= np.array(list(bits)) == "1"
    temperature = temperatures[first_position(temperatures)] if temperatures else 1
    return Row(row, allowed, weigh(row, allowed, temperature, data["shares"]))


def keep_rows(row: Row) -> np.ndarray:
    """Say which lines of a long list are not folded: no small weights, no masked."""
    kept = row.weights >= FOLDED
    kept[np.argsort(-row.weights, kind="stable")[:3]] = True
    alone = (~kept & row.allowed).sum() == 1  # a line of its own is no longer
    return ((kept | alone) & row.allowed) | (len(kept) <= LONG)


def first_position(temperatures: Sequence[float]) -> int:
    """Return where the slider starts: at 1, or at the first position."""
    return list(temperatures).index(1) if 1 in temperatures else 0


def fixed(number: float) -> str:
    """Write two decimals, rounded as JavaScript does, with a true minus sign."""
    if number == -np.inf:
        return "−∞"
    text = str(Decimal(float(number)).quantize(Decimal("0.01"), ROUND_HALF_UP))
    return "0.00" if text == "-0.00" else text.replace("-", "−")


def count_names(n: int) -> list[str]:
    """Return names for n layers or heads."""
    return [str(i + 1) for i in range(n)]
