"""ELMo: two one-way language models, and a learned mixture of their layers."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attention.data.vocabulary import PAD
from attention.shapes import check_shape


def elmo_mix(layers: Tensor, s: Tensor, gamma: Tensor | float = 1.0) -> Tensor:
    """Mix the layers of a token: Peters et al. (2018), equation 1.

    γ Σ_j softmax(s)_j h_j, with one weight a layer, the same for all tokens.

    Args:
        layers: (L + 1, ..., d), the token layer first.
        s: (L + 1,), a score for each layer.
        gamma: one number that scales the whole.

    Returns:
        (..., d).

    Raises:
        ValueError: if there is not one score a layer.

    """
    check_shape("s, one score a layer", s, len(layers))
    return gamma * torch.tensordot(s.softmax(0), layers, dims=1)


def reverse_within(x: Tensor, lengths: Tensor) -> Tensor:
    """Turn each sequence round and leave its padding where it is, at the end.

    Args:
        x: (batch, n) or (batch, n, d).
        lengths: (batch,).

    """
    place = torch.arange(x.shape[1])
    order = torch.where(place < lengths[:, None], lengths[:, None] - 1 - place, place)
    return x[torch.arange(len(x))[:, None], order]


class TwoWayLM(nn.Module):
    """Two stacks of LSTMs over the same tokens, one from each end.

    They share the embedding and the output, which is the embedding again; the LSTMs
    never meet.
    """

    def __init__(self, n_tokens: int, d: int, layers: int = 2, dropout: float = 0.1):
        """Make an embedding (n_tokens, d) and `layers` LSTMs of width d a direction."""
        super().__init__()
        self.embed = nn.Embedding(n_tokens, d, padding_idx=PAD)
        nn.init.normal_(self.embed.weight, std=d**-0.5)
        self.ahead = nn.ModuleList(
            nn.LSTM(d, d, batch_first=True) for _ in range(layers)
        )
        self.back = nn.ModuleList(
            nn.LSTM(d, d, batch_first=True) for _ in range(layers)
        )
        self.bias = nn.Parameter(torch.zeros(n_tokens))
        self.dropout = nn.Dropout(dropout)

    def run(self, stack: nn.ModuleList, x: Tensor) -> list[Tensor]:
        """Return what each LSTM of one direction says, (batch, n, d) each."""
        states = []
        for i, lstm in enumerate(stack):
            y = self.dropout(lstm(x)[0])
            x = x + y if i else y  # a residual connection from the first layer on
            states.append(x)
        return states

    def states(self, ids: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """Return the layers of both directions, (batch, n, d) each, in reading order.

        At a token the first direction has read all up to it, the second all from the
        end down to it, the token included.
        """
        lengths = (ids != PAD).sum(1)
        x = self.dropout(self.embed(ids))
        back = self.run(self.back, reverse_within(x, lengths))
        return self.run(self.ahead, x), [reverse_within(y, lengths) for y in back]

    def forward(self, ids: Tensor) -> Tensor:
        """Return the layers (L + 1, batch, n, 2d): the token twice, then [→; ←]."""
        token = self.embed(ids)
        ahead, back = self.states(ids)
        pairs = zip([token, *ahead], [token, *back], strict=True)
        return torch.stack([torch.cat(pair, dim=-1) for pair in pairs])

    def loss(self, ids: Tensor) -> Tensor:
        """Average both directions' loss on sentences (batch, n) with START and END.

        Forwards each token predicts the next one, backwards the one before.
        """
        ahead, back = self.states(ids)
        there = self.predict(ahead[-1][:, :-1], ids[:, 1:])
        return (there + self.predict(back[-1][:, 1:], ids[:, :-1], ids[:, 1:])) / 2

    def predict(
        self, states: Tensor, target: Tensor, at: Tensor | None = None
    ) -> Tensor:
        """Return the loss of targets (batch, n), given states (batch, n, d)."""
        real = (target if at is None else at) != PAD
        logits = F.linear(states[real], self.embed.weight, self.bias)
        return F.cross_entropy(logits, target[real])


def learn_mixture(layers: Tensor, y: Tensor, group: Tensor, steps: int = 200) -> Tensor:
    """Return the weights of the layers that a task learns, together with its lines.

    Args:
        layers: (L + 1, N, d); they are standardised first.
        y: (N,), 0 or 1, what the task asks.
        group: integers, (N,): examples of one group share a line.
        steps: updates with Adam.

    """
    spread = layers.std(1, keepdim=True) + 1e-6
    layers = (layers - layers.mean(1, keepdim=True)) / spread
    s = torch.zeros(len(layers), requires_grad=True)
    gamma = torch.ones(1, requires_grad=True)
    lines = torch.zeros(int(group.max()) + 1, layers.shape[-1], requires_grad=True)
    optimizer = torch.optim.Adam([s, gamma, lines], lr=0.03)
    for _ in range(steps):
        logits = (elmo_mix(layers, s, gamma) * lines[group]).sum(-1)
        loss = F.binary_cross_entropy_with_logits(logits, y.float())
        loss = loss + 0.02 * (gamma * lines).square().sum() / len(lines)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return s.detach().softmax(0)
