#!/usr/bin/env bash
# torch: nn.MultiheadAttention in eval mode, no weights asked for, on a batch whose second
#        sentence is all padding.
# Guess: the output is the same whether gradients are recorded or not.
# Seen: zeros with gradients, NaN under no_grad, which takes another way through torch.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check torch==2.13.0
cd "$folder"
cat > attend.py <<'END'
import sys
import warnings
from importlib.metadata import version

warnings.simplefilter("ignore")  # torch asks for NumPy, which this does not need
import torch

torch.manual_seed(0)
layer = torch.nn.MultiheadAttention(8, 2, batch_first=True).eval()
x = torch.randn(2, 3, 8)
padding = torch.tensor([[False, False, False], [True, True, True]])


def nan_sentences(recorded):
    with torch.set_grad_enabled(recorded):
        out, _ = layer(x, x, x, key_padding_mask=padding, need_weights=False)
    return out.isnan().flatten(1).any(1).tolist()


print(f"Python {sys.version.split()[0]}, torch {version('torch')}")
print("guessed: the same with and without gradients")
with_gradients, without = nan_sentences(True), nan_sentences(False)
print(f"seen:    sentences with NaN: {with_gradients} with gradients, {without} without")
sys.exit((with_gradients, without) != ([False, False], [False, True]))
END
venv/bin/python -I attend.py
