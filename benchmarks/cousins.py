"""The cousins against self-attention: five bodies of one size on three tasks.

One run of a model is judged twice: after as many updates as every model makes, and
after those that fit into the CPU seconds of the first model's. The rate is constant
after a short warm-up, so that both are whole runs. It is chosen for each model and
task by one rule, by a third of a run with another seed. As in `thread`, only the ratio
of two paces counts, measured side by side with the models taking turns; one thread.

    pace/TASK             CPU seconds a step, the models taking turns
    rate/TASK/MODEL       training loss at the end of short runs, by rate
    run/TASK/MODEL/SEED   scores after equal steps and after equal seconds

    python -m benchmarks cousins                            measure all again
    python -m benchmarks.cousins --missing                  go on where it stopped
    python -m benchmarks.cousins --missing --only recall    some parts alone
"""

import argparse
import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from statistics import fmean, median
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attention.data.addition import draw_sums, long_chains
from attention.data.files import BOOK
from attention.data.shakespeare import Characters, load_shakespeare
from attention.mechanisms.induction import repeated
from attention.training.fitting import fit
from attention.training.language_model import draw_pieces
from benchmarks.cousin_models import BODIES, make_reader
from benchmarks.rates import climb
from benchmarks.record import record

DATA = BOOK / "data"
FILE = DATA / "cousins.json"
FIRST = "attention"
ROUNDS, TURN = 8, 3  # how often, and for how many steps, models take turns
FIRST_RATE, FACTOR, PILOT = 1e-2, 2.5, 9  # and the seed of the short runs
SEEDS, WARMUP, LAST = (0, 1, 2), 20, 20
IGNORED = -100

Example = tuple[Tensor, Tensor]  # ids, and the right answer at each place
SETUP: dict[str, dict[str, Any]] = {
    "characters": {"steps": 250, "batch": 8, "n": 64, "gpu_steps": 8},
    "recall": {"steps": 500, "batch": 16, "periods": [8, 16], "gpu_steps": 8},
    "addition": {"steps": 500, "batch": 16, "bits": 12, "planted": 0.5},
}


class Task(NamedTuple):
    """What comes in and goes out, examples to learn from, and how to judge."""

    symbols: int
    answers: int
    causal: bool
    draw: Callable[[torch.Generator], Iterator[Example]]
    judge: Callable[[nn.Module], dict[str, float]]


def main(arguments: Sequence[str] = ()) -> None:
    """Measure the parts asked for, and write each as soon as it is done."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cousins")
    parser.add_argument("--missing", action="store_true", help="what is not there")
    parser.add_argument("--only", action="append", metavar="TEXT", help="named so")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    for name, measure in plan().items():
        if options.only and not any(text in name for text in options.only):
            continue
        if not (options.missing and name in read()):
            write(name, timed(name, measure))


def plan() -> dict[str, Callable[[], dict]]:
    """Return all parts, in the order in which they must be measured."""
    parts: dict[str, Callable[[], dict]] = {}
    for task in SETUP:
        parts[f"pace/{task}"] = lambda t=task: pace(t)
        for kind in BODIES:
            parts[f"rate/{task}/{kind}"] = lambda t=task, k=kind: choose_rate(t, k)
    for seed in SEEDS:
        for task in SETUP:
            for kind in BODIES:
                parts[f"run/{task}/{kind}/{seed}"] = lambda t=task, k=kind, s=seed: run(
                    t, k, s
                )
    return parts


def pace(task: str) -> dict:
    """Measure the CPU seconds a step of all models, which take turns.

    `times` is the median over the turns of a model's seconds by the first model's.
    """
    models = {kind: make(task, kind, seed=1) for kind in BODIES}
    stream = load(task).draw(torch.Generator().manual_seed(1))
    turns: dict[str, list[float]] = {kind: [] for kind in BODIES}
    for _ in range(ROUNDS):
        examples = [next(stream) for _ in range(TURN)]
        for kind, model in models.items():
            turns[kind].append(learn(model, iter(examples), TURN, 1e-3)[1] / TURN)
    first = turns[FIRST]
    times = {
        kind: median(a / b for a, b in zip(own[1:], first[1:], strict=True))
        for kind, own in turns.items()
    }
    return {
        "times": {kind: round(t, 3) for kind, t in times.items()},
        "seconds_a_step": {k: round(fmean(own[1:]), 5) for k, own in turns.items()},
    }


def choose_rate(task: str, kind: str) -> dict:
    """Raise and lower the rate until the end of a third of a run is no better."""
    return climb(lambda rate: short_run(task, kind, rate), FIRST_RATE, FACTOR, 4)


def short_run(task: str, kind: str, rate: float) -> float:
    """Return the mean of the last losses of a third of a run."""
    model = make(task, kind, PILOT)
    stream = load(task).draw(torch.Generator().manual_seed(PILOT))
    losses, _ = learn(model, stream, SETUP[task]["steps"] // 3, rate)
    return fmean(losses[-LAST:])


def run(task: str, kind: str, seed: int) -> dict:
    """Train one model until both of its marks; judge it at each."""
    steps = SETUP[task]["steps"]
    affordable = max(1, round(steps / read()[f"pace/{task}"]["times"][kind]))
    marks = {"steps": steps, "seconds": affordable}
    rate = read()[f"rate/{task}/{kind}"]["rate"]
    model = make(task, kind, seed)
    stream = load(task).draw(torch.Generator().manual_seed(seed))
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    done, scores = 0, {}
    for regime, mark in sorted(marks.items(), key=lambda item: item[1]):
        learn(model, stream, mark - done, rate, optimizer, done)
        done = mark
        with torch.no_grad():
            judged = load(task).judge(model)
        scores[regime] = {name: round(score, 4) for name, score in judged.items()}
    size = sum(weight.numel() for weight in model.parameters())
    return {"parameters": size, "updates": marks, "scores": scores}


def learn(
    model: nn.Module,
    stream: Iterator[Example],
    steps: int,
    rate: float,
    optimizer: torch.optim.Optimizer | None = None,
    done: int = 0,
) -> tuple[list[float], float]:
    """Take some more steps at a constant rate; return losses and CPU seconds."""

    def loss_of(example: Example) -> Tensor:
        ids, answers = example
        logits = model(ids)
        return F.cross_entropy(
            logits.flatten(0, 1), answers.flatten(), ignore_index=IGNORED
        )

    history = fit(
        model,
        loss_of,
        stream,
        steps=steps,
        rate=rate,
        schedule=lambda step: rate * min(1.0, (done + step) / WARMUP),
        optimizer=optimizer,
    )
    return history.losses, history.seconds


def make(task: str, kind: str, seed: int) -> nn.Module:
    """Make a model for a task."""
    torch.manual_seed(seed)
    symbols, answers, causal, *_ = load(task)
    return make_reader(kind, symbols, answers, causal, SETUP[task].get("gpu_steps"))


@cache
def load(task: str) -> Task:
    """Return a task, made from its set-up."""
    makers = {"characters": characters, "recall": recall, "addition": addition}
    return makers[task](SETUP[task])


def characters(setup: dict[str, Any]) -> Task:
    """Return the next character of Shakespeare's; judged by held-out nats."""
    text, rest = load_shakespeare()
    letters = Characters(text + rest)
    learnt, held_out = letters.encode(text), letters.encode(rest)[:20_001]

    def draw(generator: torch.Generator) -> Iterator[Example]:
        for piece in draw_pieces(learnt, setup["n"] + 1, setup["batch"], generator):
            yield piece[:, :-1], piece[:, 1:]

    def judge(model: nn.Module) -> dict[str, float]:
        pieces = held_out.unfold(0, setup["n"] + 1, setup["n"])
        logits = model(pieces[:, :-1])
        loss = F.cross_entropy(logits.flatten(0, 1), pieces[:, 1:].flatten())
        return {"loss": loss.item()}

    return Task(len(letters), len(letters), True, draw, judge)


def recall(setup: dict[str, Any]) -> Task:
    """Return a text of distinct symbols, twice; the second copy is to be foretold."""
    low, high = setup["periods"]

    def example(rows: int, period: int, generator: torch.Generator) -> Example:
        ids = repeated(rows, period, 2, 32, generator)
        answers = ids[:, 1:].clone()
        answers[:, : period - 1] = IGNORED
        return ids[:, :-1], answers

    def draw(generator: torch.Generator) -> Iterator[Example]:
        while True:
            period = int(torch.randint(low, high + 1, (1,), generator=generator))
            yield example(setup["batch"], period, generator)

    def judge(model: nn.Module) -> dict[str, float]:
        generator, shares = torch.Generator().manual_seed(7), []
        for period in range(low, high + 1):
            ids, answers = example(32, period, generator)
            right = (model(ids).argmax(-1) == answers)[:, period:]
            shares.append(right.float().mean().item())
        return {"right": fmean(shares)}

    return Task(32, 32, True, draw, judge)


def addition(setup: dict[str, Any]) -> Task:
    """Return sums of up to some bits, judged there and at three times the length."""

    def draw(generator: torch.Generator) -> Iterator[Example]:
        while True:
            bits = int(torch.randint(1, setup["bits"] + 1, (1,), generator=generator))
            yield draw_sums(setup["batch"], bits, generator, setup["planted"])

    def judge(model: nn.Module) -> dict[str, float]:
        generator, found = torch.Generator().manual_seed(7), {}
        for times in (1, 3):
            bits = times * setup["bits"]
            for name, sums in {
                "random": draw_sums(64, bits, generator),
                "chains": long_chains(64, bits, generator),
            }.items():
                right = (model(sums.columns).argmax(-1) == sums.sums).all(1)
                found[f"{name}/{bits}"] = right.float().mean().item()
        return found

    return Task(5, 2, False, draw, judge)


def timed(name: str, measure: Callable[[], dict]) -> dict:
    """Measure a part; say what it cost and how busy the machine was."""
    since = time.process_time()
    with open(os.devnull, "w") as quiet, contextlib.redirect_stdout(quiet):
        found = measure()
    cost = round(time.process_time() - since, 1)
    found |= {"cpu_seconds": cost, "load": round(os.getloadavg()[0], 1)}
    print(f"benchmarks: {name} {found}", flush=True)
    return found


def read() -> dict[str, dict]:
    """Return the parts measured so far."""
    if not FILE.is_file():
        return {}
    parts: dict[str, dict] = json.loads(FILE.read_text(encoding="utf-8"))["parts"]
    return parts


def write(name: str, part: dict) -> None:
    """Add a part to the file, in the plan's order; drop what the plan has no more."""
    parts = read() | {name: part}
    models = {kind: title for kind, (title, _) in BODIES.items()}
    kept = {known: parts[known] for known in plan() if known in parts}
    record("cousins", {"models": models, "setup": SETUP, "parts": kept}, folder=DATA)


if __name__ == "__main__":
    main(sys.argv[1:])
