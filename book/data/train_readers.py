"""Train chapter 10's two transformers longer; write how well they tell senses apart.

Run:  .venv/bin/python book/data/train_readers.py [GPT] [BERT]
It takes about five minutes on one thread of a processor. Text, word vectors and models
are the page's own: its cells run first, as far as the models' sizes.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import mean
from typing import Any

import jupytext
import torch
from torch import Tensor, nn

from attention.data.batches import sentence_batches
from attention.data.vocabulary import END, PAD, START, UNKNOWN
from attention.training.language_model import next_token_loss
from attention.training.masked_lm import mask_tokens, mlm_loss
from attention.training.pretraining import pretrain, token_layers
from attention.training.probing import probe_accuracy

BOOK = Path(__file__).parent.parent
PATH = BOOK / "data" / "longer-readers.json"
RATE, SEED = 4e-3, 10
STEPS = {"GPT": [150, 500, 1500, 3000], "BERT": [300, 1000, 2000, 4000]}
SIZE = 32  # sentences a batch, as on the page


def main() -> None:
    """Train the models that are named, or both; write what was measured by the way."""
    torch.set_num_threads(1)
    page = run_page("10_word_vectors.md", "BUILD")
    known = json.loads(PATH.read_text("utf-8")) if PATH.exists() else {}
    for name in sys.argv[1:] or list(STEPS):
        known[name] = train_longer(name, page)
        PATH.write_text(json.dumps(known, indent=1) + "\n", "utf-8")


def run_page(chapter: str, wanted: str) -> dict[str, Any]:
    """Run a chapter's cells in order until one of them makes the name `wanted`."""
    names: dict[str, Any] = {}
    for cell in jupytext.read(BOOK / chapter).cells:
        if cell.cell_type == "code" and wanted not in names:
            exec(cell.source, names)
    return names


def train_longer(name: str, page: dict[str, Any]) -> dict[str, list[float]]:
    """Return steps, the loss on held-out text, and the share of senses told right."""
    torch.manual_seed(SEED)
    model = page["start_from_word2vec"](page["BUILD"][name]())
    loss = loss_of(name, model, page, seed=SEED)
    done, course = 0, dict[str, list[float]](steps=[], loss=[], right=[])

    def measure() -> None:
        model.eval()
        with torch.no_grad():
            judged = loss_of(name, model, page, seed=1)  # always the same masks
            batches = sentence_batches(page["rows"]["test"], 64, 30, seed=1)
            held_out = mean(judged(ids).item() for ids in batches)
        course["steps"].append(done)
        course["loss"].append(round(held_out, 3))
        course["right"].append(round(senses_right(model, page), 4))
        print(name, {key: values[-1] for key, values in course.items()}, flush=True)
        model.train()

    def counted(ids: Tensor) -> Tensor:
        nonlocal done
        if done in STEPS[name]:
            measure()
        done += 1
        return loss(ids)

    steps = STEPS[name][-1]
    stream = sentence_batches(page["rows"]["train"], SIZE, steps, seed=SEED)
    pretrain(model, counted, stream, steps=steps, rate=RATE, label=name)
    measure()
    return course


def loss_of(
    name: str, model: nn.Module, page: dict[str, Any], seed: int
) -> Callable[[Tensor], Tensor]:
    """Return the loss that a model is trained with."""
    if name == "GPT":
        return lambda ids: next_token_loss(model.logits(model(ids)[-1]), ids)
    g = torch.Generator().manual_seed(seed)

    def masked(ids: Tensor) -> Tensor:
        special = {PAD, START, END, UNKNOWN}
        hidden, labels = mask_tokens(ids, special, page["V"], page["MASK"], g)
        chosen = labels != -100
        return mlm_loss(model.logits(model(hidden)[-1][chosen]), labels[chosen])

    return masked


def senses_right(model: nn.Module, page: dict[str, Any]) -> float:
    """Return how often a line through the top states is right on held-out uses."""
    rows, uses, right, judged = page["rows"], page["uses"], 0.0, 0
    top = {}
    for part in rows:
        which = sorted({u.sentence for found in uses[part].values() for u in found})
        layers = token_layers(model, [rows[part][i] for i in which])
        top[part] = dict(zip(which, (x[-1] for x in layers), strict=True))

    def at(part: str, pair: tuple[str, str]) -> tuple[Tensor, Tensor]:
        found = uses[part][pair]
        x = torch.stack([top[part][u.sentence][u.position + 1] for u in found])
        return x, torch.tensor([u.sense for u in found])

    for pair, found in uses["test"].items():
        right += probe_accuracy(*at("train", pair), *at("test", pair)) * len(found)
        judged += len(found)
    return right / judged


if __name__ == "__main__":
    main()
