"""The ablations of chapter 9: each run differs from the whole in what its name says."""

import json

import torch

from attention.models.transformer import Transformer
from benchmarks.ablations import (
    RUNS,
    SIZES,
    WHOLE,
    without_positions,
    without_residuals,
)
from benchmarks.record import ROOT


def test_the_file_holds_each_run_and_the_sizes_of_the_benchmark() -> None:
    text = (ROOT / "book" / "data" / "ablations.json").read_text(encoding="utf-8")
    found = json.loads(text)
    assert [run["name"] for run in found["runs"]] == [name for name, _ in RUNS]
    assert {name: found[name] for name in SIZES} == SIZES
    seeds = {run["seed"] for run in found["runs"] if run["name"] == WHOLE}
    assert len(seeds) == 3


def test_without_positions_no_vector_is_added() -> None:
    model = Transformer(7, 7, d_model=6, h=3).eval()
    without_positions(model)
    found = model.embed_tokens(torch.tensor([[4, 4]]), model.embed_source)
    assert torch.equal(found[0, 0], found[0, 1]) and found.any()


def test_without_residuals_a_layer_forgets_what_came_in() -> None:
    model = Transformer(7, 7, **SIZES).eval()
    without_residuals(model)
    x = torch.randn(1, 3, 64, generator=torch.Generator().manual_seed(1))
    residual = model.encoder[0].residuals[0]
    assert residual(x, torch.zeros_like).eq(0).all()
    assert residual(x, lambda y: y).std() > 0.5
