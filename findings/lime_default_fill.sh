#!/usr/bin/env bash
# lime: what hides a superpixel of a picture if no hide_color is given.
# Guess: one colour for all, grey or the picture's mean; the docstring says TODO.
# Seen: each superpixel's own mean. A region of one colour is never hidden: it has no
#       weight at all, though the classifier looks at nothing else.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check lime==0.2.0.1 scikit-image==0.26.0 scikit-learn==1.9.1 numpy==2.4.6
cd "$folder"
venv/bin/python -I - <<'END' 2>/dev/null
import sys
from importlib.metadata import version

import numpy as np
from lime.lime_image import LimeImageExplainer

picture = np.full((8, 8, 3), 0.2)  # a dark field,
picture[:, :4] = 1.0  # and snow on the left
halves = np.repeat([[0] * 4 + [1] * 4], 8, 0)


def snow(pictures):  # how bright the left half is
    bright = pictures[:, :, :4].mean((1, 2, 3))
    return np.stack([1 - bright, bright], 1)


def weight_of_the_snow(**options):
    explainer = LimeImageExplainer(random_state=0)
    found = explainer.explain_instance(
        picture, snow, (1,), segmentation_fn=lambda _: halves, num_samples=200,
        **options)
    return dict(found.local_exp[1])[0]


default = weight_of_the_snow()
grey = weight_of_the_snow(hide_color=float(picture.mean()))
print(f"lime {version('lime')}, numpy {version('numpy')}")
print("guessed: without hide_color the snow weighs much, as with the picture's mean")
print(f"seen:    {default:.3f}, and {grey:.3f} with the picture's mean as hide_color")
sys.exit(not (abs(default) < 1e-9 and grey > 0.3))
END
