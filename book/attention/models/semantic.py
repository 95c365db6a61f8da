"""Search by meaning: texts as vectors, compared with a question's."""

import csv
import math
import re
from collections import Counter
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from attention.data.files import book_file
from attention.data.wordpiece import WordPiece, words_of
from attention.models.bert import BertEncoder, mean_pool


def sentence_vectors(
    texts: Sequence[str], encoder: BertEncoder, tokenizer: WordPiece, size: int = 16
) -> Tensor:
    """Return a vector of length 1 for each text, (texts, d): its mean-pooled states.

    Texts of like length are computed together, `size` at a time.
    """
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    parts = []
    for start in range(0, len(texts), size):
        batch = tokenizer.encode([texts[i] for i in order[start : start + size]])
        with torch.no_grad():
            states = encoder(*batch)
        parts.append(F.normalize(mean_pool(states, batch.mask), dim=-1))
    return torch.cat(parts)[torch.tensor(order).argsort()]


def overlap_scores(questions: Sequence[str], texts: Sequence[str]) -> Tensor:
    """Score by shared words alone: the cosine of tf-idf vectors, (questions, texts).

    A word that stands in few texts counts more: log(texts / texts with it).
    """
    counts = [Counter(words_of(text)) for text in texts]
    found_in = Counter(word for count in counts for word in count)
    rare = {word: math.log(len(texts) / n) for word, n in found_in.items()}

    def vector(count: Counter[str]) -> dict[str, float]:
        sizes = {w: n * rare[w] for w, n in count.items() if w in rare}
        length = math.sqrt(sum(x * x for x in sizes.values())) or 1.0
        return {w: x / length for w, x in sizes.items()}

    keys = [vector(count) for count in counts]
    queries = [vector(Counter(words_of(question))) for question in questions]
    return torch.tensor(
        [[sum(x * k.get(w, 0.0) for w, x in q.items()) for k in keys] for q in queries]
    )


def recall(scores: Tensor, right: Tensor, k: int) -> float:
    """Return the share of questions whose right text is among the k best.

    Args:
        scores: (questions, texts). A text that scores 0 is not found.
        right: integers, (questions,).
        k: how many texts a question gets.

    """
    best, at = scores.topk(k)
    return ((at == right[:, None]) & (best > 0)).any(1).float().mean().item()


def parse_glossary(page: str) -> dict[str, str]:
    """Return each term of a glossary page and its definition, as plain text."""
    entries = {}
    for block in re.findall(r"^```\{glossary\}\n(.*?)^```", page, re.M | re.S):
        for entry in block.strip().split("\n\n"):
            term, *lines = entry.splitlines()
            text = re.sub(r"\{term\}`([^`<]*?)(?: <[^`]*>)?`", r"\1", " ".join(lines))
            entries[term] = " ".join(re.sub(r"[*`$\\{}]", " ", text).split())
    return entries


def load_entries() -> dict[str, str]:
    """Read the glossary's terms and definitions, as they were when last copied."""
    return dict(_read_rows("data/glossary-entries.tsv"))


def load_questions() -> list[tuple[str, str]]:
    """Read the questions to the glossary, each with the term that answers it."""
    return _read_rows("data/glossary-questions.tsv")


def _read_rows(name: str) -> list[tuple[str, str]]:
    """Read the two columns of one of the course's files."""
    with book_file(name).open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(first, second) for first, second in reader]
