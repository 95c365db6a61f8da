#!/usr/bin/env bash
# sacrebleu: a corpus of three translations and a list of one reference translation.
# Guess: an error that says that two references are missing.
# Seen: BLEU of the first sentence alone, without a word. chrF and TER do the same.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check sacrebleu==2.5.1
cd "$folder"
cat > score.py <<'END'
import sys
from importlib.metadata import version

from sacrebleu import corpus_bleu, corpus_chrf, corpus_ter

WRITTEN = ["the cat sat on the mat", "a dog ran in the park", "it rains"]
MEANT = ["the cat sat on the mat", "the dog ran to the park", "the sun shines"]


def scores(references):
    found = (f(WRITTEN, [references]) for f in (corpus_bleu, corpus_chrf, corpus_ter))
    return [round(one.score, 1) for one in found]


print(f"Python {sys.version.split()[0]}, sacrebleu {version('sacrebleu')}")
print("guessed: an error for one reference")
print(f"seen:    three references: BLEU, chrF, TER = {scores(MEANT)}")
print(f"seen:    one reference:    BLEU, chrF, TER = {scores(MEANT[:1])}")
sys.exit(not (scores(MEANT)[0] < 60 and scores(MEANT[:1]) == [100.0, 100.0, 0.0]))
END
venv/bin/python -I score.py
