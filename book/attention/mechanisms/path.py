"""How far information travels in a layer: Vaswani et al. (2017), table 1."""


def path_length(kind: str, n: int, kernel: int = 3) -> int:
    """Count the layers or cells between the first token and the last output.

    Args:
        kind: `recurrent`: one layer, whose cell is passed n times; `convolution`: a
            stack of causal convolutions, each of which looks at its own position and
            kernel - 1 before it; `dilated`: the same, with gaps that grow by the factor
            kernel from layer to layer, 1, kernel, kernel² ...; `attention`: one layer.
        n: how many positions the sequence has; the last is n - 1 away from the first.
        kernel: how many positions one convolution looks at.

    Returns:
        The number, at least 1.

    Raises:
        ValueError: if the kind is unknown, n is less than 1 or kernel less than 2.

    """
    if n < 1 or kernel < 2:
        raise ValueError(f"expected n >= 1 and kernel >= 2, got {n} and {kernel}")
    if kind == "recurrent":
        return n
    if kind == "attention":
        return 1
    if kind not in ("convolution", "dilated"):
        raise ValueError(
            f"kind: no {kind!r}; recurrent, convolution, dilated, attention"
        )
    layers, reach, gap = 1, kernel - 1, 1  # reach: how far back the stack can see
    while reach < n - 1:
        gap *= kernel if kind == "dilated" else 1
        reach += (kernel - 1) * gap
        layers += 1
    return layers
