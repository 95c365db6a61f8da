"""What each part of chapter 9's translator is worth: one part switched off a run.

All runs are alike in data, order of batches, steps and seed; the whole translator runs
with three seeds, which shows what chance does.
"""

import math
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from attention.data.batches import batches, make_batch
from attention.data.pairs import load_pairs
from attention.data.vocabulary import Vocabulary
from attention.models.blocks import Residual
from attention.models.transformer import Transformer
from attention.models.translate import bleu, translate
from attention.training.schedule import warmup_cosine
from attention.training.translators import sequence_loss, train
from benchmarks.record import ROOT, record

STEPS, BATCH, RATE, WARMUP = 350, 64, 3e-3, 100
SIZES: dict[str, Any] = {"d_model": 64, "d_ff": 256, "layers": 3, "dropout": 0.1}
TESTED = 500
WHOLE = "all parts"


class Plain(Residual):
    """A sublayer without its residual connection."""

    def forward(self, x: Tensor, sublayer: Callable[[Tensor], Tensor]) -> Tensor:
        """Apply a sublayer to the normalised x, and forget x."""
        return self.dropout(sublayer(self.norm(x)))


def without_positions(model: Transformer) -> None:
    """Take the position encoding away."""
    model.positions = torch.zeros_like(model.positions)


def without_residuals(model: Transformer) -> None:
    """Take the residual connections away."""
    for layer in [*model.encoder, *model.decoder]:
        layer.residuals = nn.ModuleList(
            Plain(SIZES["d_model"], SIZES["dropout"], pre_norm=True)
            for _ in layer.residuals
        )


RUNS: list[tuple[str, dict[str, Any]]] = [
    (WHOLE, {}),
    ("no warm-up", {"warmup": 0}),
    ("post-LN", {"pre_norm": False}),
    ("post-LN, no warm-up", {"pre_norm": False, "warmup": 0}),
    ("no label smoothing", {"smoothing": 0.0}),
    ("one head", {"h": 1}),
    ("no positions", {"change": without_positions}),
    ("no residuals", {"change": without_residuals}),
    (WHOLE, {"seed": 1}),
    (WHOLE, {"seed": 2}),
]


class Pairs:
    """The sentence pairs, once for all runs."""

    def __init__(self) -> None:
        pairs, self.held_out = load_pairs("train"), load_pairs("test")[:TESTED]
        self.data = [(p.english, p.french) for p in pairs]
        self.source = Vocabulary.of((p.english for p in pairs), at_least=2)
        self.target = Vocabulary.of((p.french for p in pairs), at_least=2)


def run(
    pairs: Pairs,
    *,
    seed: int = 0,
    warmup: int = WARMUP,
    smoothing: float = 0.1,
    pre_norm: bool = True,
    h: int = 4,
    change: Callable[[Transformer], None] | None = None,
) -> dict[str, Any]:
    """Train a translator; return its loss and BLEU on held-out pairs."""
    torch.manual_seed(seed)
    source, target = pairs.source, pairs.target
    model = Transformer(len(source), len(target), h=h, pre_norm=pre_norm, **SIZES)
    if change is not None:
        change(model)
    stream = batches(pairs.data, source, target, steps=STEPS, size=BATCH, seed=seed)
    started = time.process_time()
    history = train(
        model,
        stream,
        steps=STEPS,
        smoothing=smoothing,
        schedule=lambda step: warmup_cosine(step, RATE, STEPS, warmup),
    )
    seconds = time.process_time() - started
    batch = make_batch([(p.english, p.french) for p in pairs.held_out], source, target)
    with torch.no_grad():
        loss = sequence_loss(model(batch), batch.target).item()
    texts = [p.english for p in pairs.held_out]
    outputs = [t.tokens for t in translate(model, texts, source, target, 20)]
    score = bleu(outputs, [[p.french] for p in pairs.held_out])
    return {
        "seed": seed,
        "loss": round(loss, 4),
        "bleu": round(score, 2) if math.isfinite(score) else None,
        "training_loss": [round(x, 3) for x in history.losses[9::10]],
        "cpu_seconds": round(seconds, 1),
    }


def main() -> None:
    """Run all, one after another, on one thread."""
    torch.set_num_threads(1)
    pairs, found = Pairs(), []
    for name, options in RUNS:
        found.append({"name": name, **run(pairs, **options)})
        print(f"{name}: loss {found[-1]['loss']}, BLEU {found[-1]['bleu']}", flush=True)
    settings = {"steps": STEPS, "batch": BATCH, "rate": RATE, "warmup": WARMUP}
    tested = {"tested": TESTED, "tokenize": "none", "references": 1}
    result = {**settings, **SIZES, "h": 4, "smoothing": 0.1, **tested, "runs": found}
    record("ablations", result, folder=ROOT / "book" / "data")
