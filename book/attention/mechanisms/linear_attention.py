"""Linear attention, which is a recurrent network too: Katharopoulos et al. (2020)."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from attention.mechanisms.scaled_dot_product import check_shapes
from attention.shapes import check_shape

FeatureMap = Callable[[Tensor], Tensor]


def elu_features(x: Tensor) -> Tensor:
    """Return elu(x) + 1, which is positive: the map of section 3.2.1."""
    return F.elu(x) + 1


def linear_attention(
    q: Tensor, k: Tensor, v: Tensor, feature_map: FeatureMap
) -> Tensor:
    """Attend with weights φ(q)·φ(k), not causal: equation 5, keys and values first.

    Args:
        q: (..., n, d).
        k: (..., keys, d).
        v: (..., keys, d_v).
        feature_map: φ, from (..., d) to (..., features), positive.

    Returns:
        The output, (..., n, d_v). Its weights sum to 1 and are nowhere written down;
        where all of them are 0, so is the output.

    Raises:
        ValueError: if the shapes do not fit.

    """
    check_shapes(q, k, v)
    q, k = feature_map(q), feature_map(k)
    state = k.mT @ v  # (..., features, d_v)
    total = k.sum(-2)[..., None]  # (..., features, 1)
    return _divide(q @ state, q @ total)


class LinearState:
    """What a causal linear attention remembers: equations 18 and 19.

    It has features · (d_v + 1) numbers, however many pairs were written.
    """

    def __init__(self, feature_map: FeatureMap) -> None:
        """Start with nothing written."""
        self.feature_map = feature_map
        self.state: Tensor | None = None  # (..., features, d_v)
        self.total: Tensor | None = None  # (..., features, 1)

    def write(self, k: Tensor, v: Tensor) -> None:
        """Add one pair: a key (..., d) and its value (..., d_v)."""
        features = self.feature_map(k)[..., None]
        pair = features * v[..., None, :]
        if self.state is None or self.total is None:
            self.state, self.total = torch.zeros_like(pair), torch.zeros_like(features)
        check_shape("pair", pair, *self.state.shape)
        self.state, self.total = self.state + pair, self.total + features

    def read(self, q: Tensor) -> Tensor:
        """Answer a query (..., d) with (..., d_v).

        Raises:
            ValueError: if nothing was written.

        """
        if self.state is None or self.total is None:
            raise ValueError("nothing was written yet: write a pair first")
        features = self.feature_map(q)[..., None, :]
        return _divide(features @ self.state, features @ self.total)[..., 0, :]


def _divide(summed: Tensor, total: Tensor) -> Tensor:
    """Divide, and give 0 where no weight was spent."""
    return summed / total.masked_fill(total == 0, 1.0)
