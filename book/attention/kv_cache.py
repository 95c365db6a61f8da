"""The keys and values of tokens already read, kept for those to come."""

import torch
from torch import Tensor


class KVCache:
    """What each layer's attention computed before: keys and values, no queries.

    An old query has had its answer; the old keys and values are asked again by each
    new query. One cache serves all layers of one model and one batch of sequences.
    """

    def __init__(self) -> None:
        """Start empty."""
        self.keys: list[Tensor] = []  # for each layer (batch, h, past, d_k)
        self.values: list[Tensor] = []  # for each layer (batch, h, past, d_v)

    def append(self, layer: int, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Put a layer's new keys and values behind its old ones; return all of them.

        Args:
            layer: its number, from 0; new layers come in order.
            key: (batch, h, new, d_k).
            value: (batch, h, new, d_v).

        Returns:
            Keys (batch, h, past + new, d_k) and values (batch, h, past + new, d_v).

        Raises:
            ValueError: if a layer is left out, or the shapes do not fit.

        """
        if not 0 <= layer <= len(self.keys):
            raise ValueError(f"layer: expected 0 to {len(self.keys)}, got {layer}")
        if key.dim() != 4 or key.shape[:3] != value.shape[:3]:
            raise ValueError(
                "key and value must be (batch, h, new, width): got "
                f"{tuple(key.shape)} and {tuple(value.shape)}"
            )
        if layer == len(self.keys):
            self.keys.append(key)
            self.values.append(value)
        else:
            self.keys[layer] = _join("key", self.keys[layer], key)
            self.values[layer] = _join("value", self.values[layer], value)
        return self.keys[layer], self.values[layer]

    @property
    def length(self) -> int:
        """Count the tokens that every layer has read: 0 at first."""
        return min((key.shape[2] for key in self.keys), default=0)

    @property
    def n_bytes(self) -> int:
        """Count the bytes that the kept numbers take."""
        return sum(x.numel() * x.element_size() for x in self.keys + self.values)


def _join(name: str, old: Tensor, new: Tensor) -> Tensor:
    """Put new vectors behind old ones of the same batch, heads and width."""
    if (*old.shape[:2], old.shape[3]) != (*new.shape[:2], new.shape[3]):
        batch, h, _, width = old.shape
        raise ValueError(
            f"{name}: expected ({batch}, {h}, new, {width}), got {tuple(new.shape)}"
        )
    return torch.cat([old, new], dim=2)
