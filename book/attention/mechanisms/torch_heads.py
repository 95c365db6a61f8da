"""To `torch.nn.MultiheadAttention` and back: its weights, and what its True means."""

from torch import Tensor, nn


def weights_from_torch(layer: nn.MultiheadAttention) -> dict[str, Tensor]:
    """Return the weights of torch's layer under the names of `MultiHeadedAttention`.

    Torch keeps W_q, W_k and W_v above each other in one matrix, (3 d_model, d_model).

    Raises:
        ValueError: if the layer has no biases, or keys or values of another width.

    """
    stacked, bias = layer.in_proj_weight, layer.in_proj_bias
    if stacked is None or bias is None or layer.bias_k is not None:
        raise ValueError(
            "expected nn.MultiheadAttention with bias=True, kdim and vdim equal to "
            f"embed_dim, and add_bias_kv=False, got {layer}"
        )
    weights = {}
    for name, W, b in zip("qkv", stacked.chunk(3), bias.chunk(3), strict=True):
        weights[f"W_{name}.weight"], weights[f"W_{name}.bias"] = W, b
    weights["W_o.weight"], weights["W_o.bias"] = (
        layer.out_proj.weight,
        layer.out_proj.bias,
    )
    return {name: x.detach().clone() for name, x in weights.items()}


def mask_to_torch(mask: Tensor, h: int) -> Tensor:
    """Turn the course's mask, True: may attend, into torch's `attn_mask`, True: hidden.

    Args:
        mask: (queries, keys), (batch, queries, keys) or (batch, h, queries, keys), of
            these sizes: torch does not broadcast them.
        h: the number of heads.

    Returns:
        Booleans, (queries, keys) or (batch * h, queries, keys): in torch's layer the
        first axis runs through the heads of the first sentence, then the next.

    Raises:
        ValueError: if the mask has another number of axes, or of heads.

    """
    hidden = mask == 0
    if hidden.dim() == 2:
        return hidden
    if hidden.dim() == 3:
        hidden = hidden.unsqueeze(1).expand(-1, h, -1, -1)
    if hidden.dim() != 4 or hidden.shape[1] != h:
        raise ValueError(
            "expected (queries, keys), (batch, queries, keys) or (batch, "
            f"{h}, queries, keys), got {tuple(mask.shape)}"
        )
    return hidden.flatten(0, 1)


def mask_from_torch(
    h: int, attn_mask: Tensor | None = None, key_padding_mask: Tensor | None = None
) -> Tensor | None:
    """Turn torch's masks, True: hidden, into the course's one, True: may attend.

    Args:
        h: the number of heads.
        attn_mask: booleans, (queries, keys) or (batch * h, queries, keys).
        key_padding_mask: booleans, (batch, keys).

    Returns:
        Booleans that broadcast to (batch, h, queries, keys); None without any mask.

    Raises:
        ValueError: if a mask is not boolean: floats are added to scores, not hidden.

    """
    allowed = None
    if attn_mask is not None:
        allowed = ~_boolean(attn_mask)
        if allowed.dim() == 3:
            allowed = allowed.unflatten(0, (-1, h))
    if key_padding_mask is not None:
        real = ~_boolean(key_padding_mask)[:, None, None, :]
        allowed = real if allowed is None else allowed & real
    return allowed


def _boolean(mask: Tensor) -> Tensor:
    if not mask.dtype.is_floating_point:
        return mask.bool()
    raise ValueError(f"expected a mask of booleans, got {mask.dtype}")
