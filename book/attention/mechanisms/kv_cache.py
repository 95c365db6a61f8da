"""The keys and values of tokens already read, kept for those to come."""

import torch
from torch import Tensor

from attention.shapes import check_shape


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
            key: (batch, h, new, d_k); what comes back is (batch, h, past + new, d_k).
            value: (batch, h, new, d_v), and (batch, h, past + new, d_v).

        Raises:
            ValueError: if a layer is left out, or the shapes do not fit.

        """
        if not 0 <= layer <= len(self.keys):
            raise ValueError(f"layer: expected 0 to {len(self.keys)}, got {layer}")
        check_pair(key, value)
        if layer == len(self.keys):
            self.keys.append(key[:, :, :0])
            self.values.append(value[:, :, :0])
        check_new("key", self.keys[layer], key)
        check_new("value", self.values[layer], value)
        self.keys[layer] = torch.cat([self.keys[layer], key], dim=2)
        self.values[layer] = torch.cat([self.values[layer], value], dim=2)
        return self.keys[layer], self.values[layer]

    @property
    def length(self) -> int:
        """Count the tokens that every layer has read: 0 at first."""
        return min((key.shape[2] for key in self.keys), default=0)

    @property
    def n_bytes(self) -> int:
        """Count the bytes that the kept numbers take."""
        return sum(x.numel() * x.element_size() for x in self.keys + self.values)


def check_new(name: str, old: Tensor, new: Tensor) -> None:
    """Raise ValueError unless both are (batch, h, any, width) of the same sizes."""
    batch, h, _, width = old.shape
    check_shape(name, new, batch, h, "new", width)


def check_pair(key: Tensor, value: Tensor) -> None:
    """Raise ValueError unless there is one value a key."""
    check_shape("key", key, "batch", "h", "new", "width")
    check_shape("value, one a key", value, *key.shape[:3], "width")
