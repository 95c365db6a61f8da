"""Measure what dilations are worth on a beat and on Shakespeare, for chapter 14.

Run:  .venv/bin/python book/data/measure_beats.py
It takes about five minutes on one thread. The nets that keep a beat, or don't, are
kept as chapter 14 shows them: those of seed 0, in half precision.
"""

import json

import torch

from attention.data.beats import (
    PERIOD,
    SOUND_LEVELS,
    find_strokes,
    make_beat,
    to_levels,
)
from attention.data.files import BOOK
from attention.data.shakespeare import Characters, load_shakespeare
from attention.models.wavenet import WaveNet, write_samples
from attention.training.checkpoints import load_half, save_half
from attention.training.language_model import (
    draw_pieces,
    held_out_loss,
    train_language_model,
)

SEEDS, KEPT = (0, 1, 2), 0
BEAT_STEPS = 500
GAPS = {"dilated": tuple(2**i for i in range(8)), "plain": (1,) * 8}
TEXT_GAPS = {"dilated": tuple(2**i for i in range(7)), "plain": (1,) * 7}


def learn_beat(gaps: tuple[int, ...], seed: int) -> WaveNet:
    """Train a net on twenty seconds of the beat."""
    torch.manual_seed(seed)
    net = WaveNet(SOUND_LEVELS, d=32, dilations=gaps)
    drawn = torch.Generator().manual_seed(seed)
    heard = to_levels(make_beat(40_000, drawn))
    pieces = draw_pieces(heard, 513, 8, drawn)
    train_language_model(net, pieces, steps=BEAT_STEPS, rate=6e-3)
    return net


def keep_time(net: WaveNet, seed: int) -> float:
    """Return the share of strokes that a net sets PERIOD ± 4 after the one before."""
    drawn = torch.Generator().manual_seed(100 + seed)
    start = to_levels(make_beat(4 * PERIOD, drawn)).expand(8, -1)
    ids = write_samples(net, start, 8 * PERIOD, drawn)
    gaps = torch.cat([find_strokes(row[3 * PERIOD - 10 :]).diff() for row in ids])
    return ((gaps - PERIOD).abs() <= 4).float().mean().item()


def read_text(gaps: tuple[int, ...], seed: int) -> float:
    """Train a net on Shakespeare's characters; return its held-out loss."""
    text, rest = load_shakespeare()
    letters = Characters(text + rest)
    torch.manual_seed(seed)
    net = WaveNet(len(letters), d=64, dilations=gaps)
    drawn = torch.Generator().manual_seed(seed)
    pieces = draw_pieces(letters.encode(text), 65, 16, drawn)
    train_language_model(net, pieces, steps=300, rate=6e-3)
    return held_out_loss(net, letters.encode(rest)[:20_000], 64)


def main() -> None:
    """Train both nets on both tasks from three seeds."""
    torch.set_num_threads(1)
    found: dict[str, dict[str, list[float]]] = {"beat": {}, "text": {}}
    for name, gaps in GAPS.items():
        found["beat"][name] = []
        for seed in SEEDS:
            net = learn_beat(gaps, seed)
            if seed == KEPT:
                save_half(net, path := BOOK / "data" / f"wavenet-{name}.npz")
                load_half(net, path)
            found["beat"][name].append(round(keep_time(net, seed), 3))
        print(name, found["beat"][name], flush=True)
    for name, gaps in TEXT_GAPS.items():
        found["text"][name] = [round(read_text(gaps, seed), 3) for seed in SEEDS]
        print(name, found["text"][name], flush=True)
    path = BOOK / "data" / "beats.json"
    text = {"written_by": "book/data/measure_beats.py", **found}
    path.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
