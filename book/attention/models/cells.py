"""One step of a recurrent network: plain, LSTM, GRU, with torch's weights."""

import torch
from torch import Tensor

from attention.shapes import check_shape


def rnn_step(x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor) -> Tensor:
    """Return h_t = tanh(W_x x_t + W_h h_{t-1} + b): Elman's network (1990), with tanh.

    Args:
        x: (..., input_size), the token that is read now.
        h: (..., hidden_size), the state before it.
        W_x: (hidden_size, input_size).
        W_h: (hidden_size, hidden_size).
        b: (hidden_size,).

    Raises:
        ValueError: if the sizes do not fit.

    """
    check_sizes(x, h, W_x, W_h, gates=1)
    return torch.tanh(x @ W_x.T + h @ W_h.T + b)


def lstm_step(
    x: Tensor, state: tuple[Tensor, Tensor], W: Tensor, U: Tensor, b: Tensor
) -> tuple[Tensor, Tensor]:
    """Return h_t and c_t = f ⊙ c_{t-1} + i ⊙ g, with h_t = o ⊙ tanh(c_t).

    Hochreiter and Schmidhuber (1997), with the forget gate of Gers et al. (2000).

    Args:
        x: (..., input_size).
        state: h_{t-1} and c_{t-1}, (..., hidden_size) each.
        W: (4 * hidden_size, input_size), the rows of i, f, g, o in this order.
        U: (4 * hidden_size, hidden_size), in the same order.
        b: (4 * hidden_size,), the sum of torch's `bias_ih` and `bias_hh`.

    Raises:
        ValueError: if the sizes do not fit.

    """
    h, c = state
    check_sizes(x, h, W, U, gates=4)
    i, f, g, o = (x @ W.T + h @ U.T + b).chunk(4, dim=-1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def gru_step(
    x: Tensor, h: Tensor, W: Tensor, U: Tensor, b_x: Tensor, b_h: Tensor
) -> Tensor:
    """Return h_t = z ⊙ h_{t-1} + (1 - z) ⊙ n, with n = tanh(W x + b + r ⊙ (U h + b')).

    The reset gate r stands after the product, as in torch; in Cho et al. (2014b) it
    stands before: U (r ⊙ h).

    Args:
        x: (..., input_size).
        h: (..., hidden_size).
        W: (3 * hidden_size, input_size), the rows of r, z, n in this order.
        U: (3 * hidden_size, hidden_size), in the same order.
        b_x: (3 * hidden_size,), added to W x.
        b_h: (3 * hidden_size,), added to U h.

    Raises:
        ValueError: if the sizes do not fit.

    """
    check_sizes(x, h, W, U, gates=3)
    r_x, z_x, n_x = (x @ W.T + b_x).chunk(3, dim=-1)
    r_h, z_h, n_h = (h @ U.T + b_h).chunk(3, dim=-1)
    r, z = (r_x + r_h).sigmoid(), (z_x + z_h).sigmoid()
    n = torch.tanh(n_x + r * n_h)
    return z * h + (1 - z) * n


def check_sizes(x: Tensor, h: Tensor, W: Tensor, U: Tensor, gates: int) -> None:
    """Raise ValueError unless the weights of a cell fit its input and its state."""
    rows, inputs, hidden = gates * h.shape[-1], x.shape[-1], h.shape[-1]
    for name, weight, size in (("input", W, inputs), ("state", U, hidden)):
        check_shape(f"weights of the {name}", weight, rows, size)
