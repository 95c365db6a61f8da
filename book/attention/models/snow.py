"""A small convolutional network that tells wolves from huskies."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attention.data.snow import Pictures


class SnowReader(nn.Module):
    """Three convolutions, a mean over all places, and one logit: "wolf"."""

    def __init__(self) -> None:
        """Make the layers."""
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 12, 3, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(12, 24, 3, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(24, 24, 3, padding=1), nn.ReLU(),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(24, 1),
        )  # fmt: skip

    def forward(self, images: Tensor) -> Tensor:
        """Return a logit for each picture (pictures, 3, h, w), (pictures,)."""
        return self.layers(images - 0.5).squeeze(-1)


@torch.no_grad()
def wolf_probability(model: nn.Module, images: np.ndarray) -> Tensor:
    """Return p(wolf) of pictures (pictures, h, w, 3), (pictures,)."""
    return torch.sigmoid(model(as_channels(images)))


def share_named(model: nn.Module, pictures: Pictures) -> float:
    """Return the share of pictures that a model names rightly."""
    says = wolf_probability(model, pictures.images) > 0.5
    return (says == torch.from_numpy(pictures.wolf > 0)).float().mean().item()


def as_channels(images: np.ndarray) -> Tensor:
    """Turn pictures (pictures, h, w, 3) into (pictures, 3, h, w)."""
    return torch.from_numpy(images).float().permute(0, 3, 1, 2)


def learn_animals(pictures: Pictures, seed: int, steps: int = 120) -> SnowReader:
    """Train a network on pictures, 32 at a time."""
    torch.manual_seed(seed)
    model, generator = SnowReader(), torch.Generator().manual_seed(seed)
    images, wolf = as_channels(pictures.images), torch.from_numpy(pictures.wolf)
    optimizer = torch.optim.Adam(model.parameters(), lr=6e-3)
    for _ in range(steps):
        rows = torch.randint(len(wolf), (32,), generator=generator)
        loss = F.binary_cross_entropy_with_logits(model(images[rows]), wolf[rows] * 1.0)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model.eval()
