"""The parts of the Transformer in words: names, formulas, where their code is."""

from dataclasses import dataclass

QKV = "<i>Q</i>&hairsp;<i>K</i><sup>⊤</sup>"
ATTENTION = f"softmax({QKV} / √<i>d</i><sub>k</sub>) <i>V</i>, by heads"
MASKED = f"softmax({QKV} / √<i>d</i><sub>k</sub> + mask) <i>V</i>, by heads"
PRE = "<b>x</b> + Sublayer(LN(<b>x</b>))"
POST = "LN(<b>x</b> + Sublayer(<b>x</b>))"


@dataclass(frozen=True)
class Place:
    """A part of the machine, as it opens."""

    name: str
    does: str  # in the picture, below its name
    formula: str  # HTML
    code: str  # its dotted name in the library
    post: str = ""  # the formula of a post-LN model, if it is another


EMBEDDING = "√<i>d</i> · <b>E</b><sub>word</sub> + PE(place)"
NETWORK = "max(0, <b>x</b> <b>W</b><sub>1</sub> + <b>b</b><sub>1</sub>) "
NETWORK += "<b>W</b><sub>2</sub> + <b>b</b><sub>2</sub>"
HEADS = "attention.mechanisms.multi_head.MultiHeadedAttention"
BLOCKS = "attention.models.blocks"
MODEL = "attention.models.transformer.Transformer"
FINAL = "LN(<b>x</b>), once, after the last layer"
NO_FINAL = "none: in post-LN the last layer ends in a norm"
MACHINE = {
    "source-embedding": Place("embedding + position", "", EMBEDDING, MODEL),
    "encoder-attention": Place(
        "self-attention", "each word looks at all", ATTENTION, HEADS
    ),
    "encoder-network": Place(
        "feed-forward network", "each word alone", NETWORK, f"{BLOCKS}.FeedForward"
    ),
    "encoder-norms": Place("layer norm", "", PRE, f"{BLOCKS}.Residual", POST),
    "encoder-norm": Place(
        "last layer norm", "", FINAL, f"{BLOCKS}.LayerNorm", NO_FINAL
    ),
    "target-embedding": Place("embedding + position", "", EMBEDDING, MODEL),
    "decoder-attention": Place(
        "masked self-attention", "each word looks back, never ahead", MASKED, HEADS
    ),
    "cross-attention": Place(
        "cross-attention", "each word looks across, at the source", ATTENTION, HEADS
    ),
    "decoder-network": Place(
        "feed-forward network", "each word alone", NETWORK, f"{BLOCKS}.FeedForward"
    ),
    "decoder-norms": Place("layer norm", "", PRE, f"{BLOCKS}.Residual", POST),
    "decoder-norm": Place(
        "last layer norm", "", FINAL, f"{BLOCKS}.LayerNorm", NO_FINAL
    ),
    "output": Place(
        "a score for each word, softmax",
        "",
        "softmax(<b>x</b> <b>E</b><sup>⊤</sup>), <b>E</b> is the target’s embedding",
        MODEL,
    ),
}


def address(code: str) -> str:
    """Return where the source of a dotted name stands, seen from a chapter's page."""
    module, _, name = code.rpartition(".")
    return f"../library/{module.replace('.', '/')}.html#{name}"
