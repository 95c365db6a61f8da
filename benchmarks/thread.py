"""One thread through the chapters: the same dates and sentences, model by model.

The recurrent models have the same sizes, the Transformer a width that gives it about as
many parameters; all have the same batches, the same loop (`training.translators.train`:
Adam, clipping, a cosine, no warm-up), the same dropout and the same seeds. What may
differ is the learning rate; it is chosen for each model by one rule, on training data
held back. Three kinds of parts are measured, and each is written at once:

    pace/TASK                       CPU seconds a step, the models taking turns
    rate/TASK/CHAPTER               loss on held-back data, by rate, in separate runs
    run/TASK/CHAPTER/REGIME/SEED    a whole run, judged on the test data

Equal steps: every model makes `steps` updates. Equal seconds: every model makes as many
updates as fit into the CPU seconds that the first model needs for `steps`, by the pace
of both. So only the ratio of two paces counts, measured side by side in one process: a
busy machine slows all alike. One thread; CPU seconds of the process, not the clock's.

    python -m benchmarks thread                                  measure all again
    python -m benchmarks.thread --missing                        go on where it stopped
    python -m benchmarks.thread --only pairs/05 --only pace      some parts alone
"""

import argparse
import contextlib
import json
import os
import random
import sys
import time
from collections.abc import Callable, Sequence
from functools import cache, partial
from statistics import mean, median
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from attention.data.batches import Pair, batches, make_batch
from attention.data.dates import make_dates
from attention.data.files import BOOK
from attention.data.pairs import load_links, load_pairs
from attention.data.vocabulary import PAD, Vocabulary
from attention.mechanisms.alignment import alignment_error
from attention.models.luong import LuongTranslator
from attention.models.recurrent import Translator
from attention.models.transformer import Transformer
from attention.models.translate import bleu, exact_match, translate
from attention.training.translators import sequence_loss, train
from benchmarks.rates import climb
from benchmarks.record import record

DATA = BOOK / "data"
FILE = DATA / "thread.json"
REFERENCE = "03"
ROUNDS, TURN = 12, 6  # how often, and for how many steps, models take turns
HELD_BACK = 500  # training pairs kept from the runs that choose a rate
FIRST_RATE = 4e-3

SETUP: dict[str, dict[str, Any]] = {
    "dates": {
        "steps": 400,
        "short_steps": 400,
        "batch": 64,
        "seeds": [4, 5, 6],
        "embed_size": 32,
        "hidden_size": 64,
        "d_model": 40,
        "dropout": 0.0,
        "smoothing": 0.0,
    },
    "pairs": {
        "steps": 1000,
        "short_steps": 1000,  # at 250 a rate looks best that ruins longer runs
        "batch": 64,
        "seeds": [4, 5, 6],
        "seconds_seeds": [4],  # a run takes minutes
        "embed_size": 96,
        "hidden_size": 128,
        "d_model": 108,
        "dropout": 0.1,
        "smoothing": 0.1,
    },
}


Maker = Callable[[int, int, dict], nn.Module]
MODELS: dict[str, tuple[str, Maker]] = {
    "03": ("no attention", lambda *a: recurrent(Translator, *a, attention=False)),
    "04": ("Bahdanau", lambda *a: recurrent(Translator, *a)),
    "05": ("Luong", lambda *a: recurrent(LuongTranslator, *a)),  # general, global
    "09": ("Transformer", lambda *a: transformer(*a)),
}


def recurrent(
    kind: Callable[..., nn.Module],
    n_source: int,
    n_target: int,
    setup: dict,
    **options: Any,
) -> nn.Module:
    """Make a GRU translator of the task's sizes."""
    sizes = {key: setup[key] for key in ("embed_size", "hidden_size", "dropout")}
    return kind(n_source, n_target, **sizes, **options)


def transformer(n_source: int, n_target: int, setup: dict) -> nn.Module:
    """Make a Transformer of two layers, about as large as the others."""
    d = setup["d_model"]
    return Transformer(
        n_source, n_target, d_model=d, d_ff=4 * d, h=4, dropout=setup["dropout"]
    )


class Task(NamedTuple):
    """Pairs to train on, both vocabularies, and how to judge a model."""

    pairs: list[Pair]
    source: Vocabulary
    target: Vocabulary
    judge: Callable[[nn.Module], dict[str, float | None]]


def main(arguments: Sequence[str] = ()) -> None:
    """Measure the parts asked for, and write each as soon as it is done."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.thread")
    parser.add_argument(
        "--missing", action="store_true", help="leave out what is there"
    )
    parser.add_argument(
        "--only", action="append", metavar="TEXT", help="parts named so"
    )
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    for part in plan():
        if options.only and not any(text in part.name for text in options.only):
            continue
        given = part.given()
        if options.missing and read().get(part.name, {}).get("given") == given:
            continue
        write(part.name, {"given": given, **timed(part, given)})


class Part(NamedTuple):
    """Something to measure; what it depends on may be known only after other parts."""

    name: str
    given: Callable[[], dict]
    measure: Callable[[dict], dict]


def plan() -> list[Part]:
    """Return all parts, in the order in which they must be measured."""
    parts = []
    for task, setup in SETUP.items():
        fixed = {key: value for key, value in setup.items() if "seeds" not in key}
        compared = {**fixed, "models": list(MODELS)}
        parts.append(
            Part(f"pace/{task}", partial(dict, compared), lambda _, t=task: pace(t))
        )
        parts += [
            Part(
                f"rate/{task}/{chapter}",
                partial(dict, fixed),
                lambda _, t=task, c=chapter: choose_rate(t, c),
            )
            for chapter in MODELS
        ]
        parts += [
            Part(
                f"run/{task}/{chapter}/{regime}/{seed}",
                partial(given_of, task, chapter, regime, fixed),
                lambda g, t=task, c=chapter, s=seed: run(t, c, g, s),
            )
            for chapter in MODELS
            for regime in regimes(chapter)
            for seed in setup.get(f"{regime}_seeds", setup["seeds"])
        ]
    return parts


def regimes(chapter: str) -> tuple[str, ...]:
    """Return how a model is trained; the first model's seconds are the budget."""
    return ("steps",) if chapter == REFERENCE else ("steps", "seconds")


def given_of(task: str, chapter: str, regime: str, fixed: dict) -> dict:
    """Return what a run depends on: sizes, steps, and the rate that was chosen."""
    rate = read()[f"rate/{task}/{chapter}"]["rate"]
    return {**fixed, "steps": steps_of(task, chapter, regime), "rate": rate}


def steps_of(task: str, chapter: str, regime: str) -> int:
    """Return how many updates a model makes."""
    steps = SETUP[task]["steps"]
    if regime == "steps":
        return steps
    return round(steps / read()[f"pace/{task}"]["times"][chapter])


def pace(task: str) -> dict:
    """Measure the CPU seconds a step of all models, which take turns on one batch each.

    `times` is the median over the turns of a model's seconds by the first model's.
    """
    pairs, source, target, _ = load(task)
    stream = list(batches(pairs, source, target, steps=ROUNDS * TURN, size=64, seed=1))
    models = {c: make(task, c, seed=1) for c in MODELS}
    for model in models.values():
        train(model, stream[:3], steps=3)
    turns: dict[str, list[float]] = {chapter: [] for chapter in models}
    for start in range(0, len(stream), TURN):
        for chapter, model in models.items():
            since = time.process_time()
            train(model, stream[start : start + TURN], steps=TURN)
            turns[chapter].append((time.process_time() - since) / TURN)
    times = {
        chapter: median(a / b for a, b in zip(own, turns[REFERENCE], strict=True))
        for chapter, own in turns.items()
    }
    first = mean(turns[REFERENCE])
    return {
        "times": {c: round(t, 3) for c, t in times.items()},
        "seconds_a_step": {c: round(first * t, 5) for c, t in times.items()},
    }


def choose_rate(task: str, chapter: str) -> dict:
    """Double and halve the rate until the held-back loss no longer falls."""
    return climb(lambda rate: short_run(task, chapter, rate), FIRST_RATE, 2, 3)


def short_run(task: str, chapter: str, rate: float) -> float:
    """Train without some training pairs; return the loss on these."""
    pairs, source, target, _ = load(task)
    mixed = random.Random(0).sample(pairs, len(pairs))
    setup = SETUP[task]
    steps = setup["short_steps"]
    model = make(task, chapter, seed=0)
    stream = batches(
        mixed[HELD_BACK:], source, target, steps=steps, size=setup["batch"]
    )
    train(model, stream, steps=steps, rate=rate, smoothing=setup["smoothing"])
    batch = make_batch(mixed[:HELD_BACK], source, target)
    with torch.no_grad():
        return sequence_loss(model(batch), batch.target).item()


def run(task: str, chapter: str, given: dict, seed: int) -> dict:
    """Train a model as planned and judge it."""
    pairs, source, target, judge = load(task)
    model = make(task, chapter, seed)
    steps, size = given["steps"], given["batch"]
    stream = batches(pairs, source, target, steps=steps, size=size, seed=seed)
    since = time.process_time()
    train(model, stream, steps=steps, rate=given["rate"], smoothing=given["smoothing"])
    return {
        "parameters": sum(p.numel() for p in model.parameters()),
        "training_seconds": round(time.process_time() - since, 1),
        **{key: value and round(value, 4) for key, value in judge(model).items()},
    }


def make(task: str, chapter: str, seed: int) -> nn.Module:
    """Make a model of the task's sizes."""
    torch.manual_seed(seed)
    _, source, target, _ = load(task)
    return MODELS[chapter][1](len(source), len(target), SETUP[task])


@cache
def load(task: str) -> Task:
    """Return a task's data, the same as in chapter 4."""
    return load_dates() if task == "dates" else load_sentences()


def load_dates() -> Task:
    """Dates in many languages, to be written as year-month-day."""
    dates, held_out = make_dates(20_000, 500, seed=4)
    source = Vocabulary.of(d.text for d in dates)
    target = Vocabulary.of(d.iso for d in dates)
    texts, truths = [d.text for d in held_out], [d.iso for d in held_out]

    def judge(model: nn.Module) -> dict[str, float | None]:
        outputs = translate(model, texts, source, target, 12)
        return {
            "exact_match": exact_match([t.tokens for t in outputs], truths),
            **errors(model, texts, truths, [d.links for d in held_out], source, target),
        }

    return Task([(d.text, d.iso) for d in dates], source, target, judge)


def load_sentences() -> Task:
    """English sentences, to be translated into French."""
    pairs, held_out, linked = load_pairs("train"), load_pairs("test"), load_links()
    english = Vocabulary.of((p.english for p in pairs), at_least=2)
    french = Vocabulary.of((p.french for p in pairs), at_least=2)
    sources = [p.english for p in held_out]

    def judge(model: nn.Module) -> dict[str, float | None]:
        outputs = [t.tokens for t in translate(model, sources, english, french)]
        return {
            "bleu": bleu(outputs, [[p.french] for p in held_out]),
            "bleu_all_references": bleu(outputs, [p.references for p in held_out]),
            **errors(
                model,
                [p.english for p in linked],
                [p.french for p in linked],
                [p.links for p in linked],
                english,
                french,
            ),
        }

    return Task([(p.english, p.french) for p in pairs], english, french, judge)


def errors(
    model: nn.Module,
    texts: Sequence[Sequence[str]],
    truths: Sequence[Sequence[str]],
    links: Sequence[Sequence[Any]],
    source: Vocabulary,
    target: Vocabulary,
) -> dict[str, float | None]:
    """Return the mean alignment error while the model is given the truth.

    `alignment_error_moved` gives the weights of step t to y_{t-1}, the word that the
    decoder has just read, as Luong et al. read theirs (footnote 14).
    """
    tables = look(model, texts, truths, source, target)
    if tables is None:
        return {"alignment_error": None, "alignment_error_moved": None}
    both = list(zip(tables, links, strict=True))
    return {
        "alignment_error": mean(alignment_error(w, k) for w, k in both),
        "alignment_error_moved": mean(alignment_error(w[1:], k[:-1]) for w, k in both),
    }


@torch.no_grad()
def look(
    model: nn.Module,
    texts: Sequence[Sequence[str]],
    truths: Sequence[Sequence[str]],
    source: Vocabulary,
    target: Vocabulary,
) -> list[Tensor] | None:
    """Return where a model looks, for many sentences: `translate.follow` at once."""
    batch = make_batch(list(zip(texts, truths, strict=True)), source, target)
    assert (batch.source != PAD).any(1).all()
    state = model.start(batch.source)
    rows = []
    for given in batch.given.unbind(1)[:-1]:
        _, state, weights = model.step(given, state)
        if weights is None:
            return None
        rows.append(weights)
    table = torch.stack(rows, dim=1)  # (batch, m, n)
    return [
        table[i, : len(truth), : len(text)]
        for i, (text, truth) in enumerate(zip(texts, truths, strict=True))
    ]


def timed(part: Part, given: dict) -> dict:
    """Measure a part; say what it cost and how busy the machine was."""
    print(f"benchmarks: {part.name}", flush=True)
    since = time.process_time()
    with open(os.devnull, "w") as quiet, contextlib.redirect_stdout(quiet):
        found = part.measure(given)
    cost = {
        "cpu_seconds": round(time.process_time() - since, 1),
        "load": round(os.getloadavg()[0], 1),
    }
    print(f"benchmarks:   {found} {cost}", flush=True)
    return found | cost


def read() -> dict[str, dict]:
    """Return the parts measured so far."""
    if not FILE.is_file():
        return {}
    return json.loads(FILE.read_text(encoding="utf-8"))["parts"]


def write(name: str, part: dict) -> None:
    """Add a part to the file, in the plan's order; drop what the plan has no more.

    A model is listed as soon as all its parts are there.
    """
    parts = read() | {name: part}
    order = [planned.name for planned in plan()]
    whole = {
        chapter: model
        for chapter, (model, _) in MODELS.items()
        if all(name in parts for name in order if f"/{chapter}" in name)
    }
    record(
        "thread",
        {"models": whole, "parts": {n: parts[n] for n in order if n in parts}},
        folder=DATA,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
