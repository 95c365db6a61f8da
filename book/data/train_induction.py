"""Grow chapter 12's induction heads once more, four in each layer, for chapter 13.

Run:  .venv/bin/python book/data/train_induction.py. It takes about five seconds on one
thread. The set-up is chapter 12's, but for the heads and 40 steps more.
Without the head that is missed most, the loss rises by 1.45 from this seed (a head of
layer 1; at most 0.23 in layer 2), by 0.94 from seed 1 (0.67), by 0.80 from seed 2
(0.43).
"""

import torch

from attention.data.files import BOOK
from attention.mechanisms.induction import repeated
from attention.models.gpt import GPT
from attention.training.checkpoints import save_half
from attention.training.language_model import next_token_loss

STORED = BOOK / "data" / "induction-heads.npz"
SEED, STEPS = 12, 400


def main() -> None:
    """Train, and write the weights."""
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    model = GPT(64, d_model=64, h=4, layers=2, d_ff=0)  # attention only
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, betas=(0.9, 0.99))
    generator = torch.Generator().manual_seed(SEED)
    for _ in range(STEPS):
        period = int(torch.randint(12, 25, (1,), generator=generator))
        ids = repeated(32, period, 2, 64, generator)
        loss = next_token_loss(model(ids)[:, period:], ids[:, period:])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    save_half(model, STORED)
    print(f"{STORED.name}: {STORED.stat().st_size / 1000:.0f} kB, loss {loss:.3f}")


if __name__ == "__main__":
    main()
