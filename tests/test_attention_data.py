"""Dates, letters, sentence pairs, and the error of an alignment."""

from datetime import date, timedelta

import numpy as np
import pytest
import torch
from babel.dates import format_date

from attention.data.copying import random_strings
from attention.data.dates import LOCALES, STYLES, make_dates, write_date
from attention.data.files import BOOK
from attention.data.pairs import load_links, load_pairs
from attention.mechanisms.alignment import alignment_error


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("style", STYLES)
def test_a_date_is_written_as_babel_writes_it(locale, style):
    for day in (date(2009, 5, 6), date(1931, 12, 24)):
        expected = format_date(day, style, locale).replace("\u202f", " ")
        assert write_date(day, locale, style).text == expected


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("style", STYLES)
def test_the_links_of_a_date_point_at_its_year_and_its_day(locale, style):
    found = write_date(date(1987, 6, 5), locale, style)
    parts = [found.text[link.start : link.stop] for link in found.links]
    assert found.iso == "1987-06-05"
    assert parts[:4] == ["1987"] * 4
    assert parts[4] == parts[7] == ""
    assert parts[5] == parts[6] != ""
    assert {int(part) for part in parts[8:]} == {5}


def test_the_month_of_a_date_is_linked_to_its_name():
    found = write_date(date(2009, 5, 6), "fr", "full")
    assert found.text == "mercredi 6 mai 2009"
    assert found.text[found.links[5].start : found.links[5].stop] == "mai"


@pytest.mark.slow
def test_no_text_stands_for_two_days():
    meaning = {}
    for i in range(0, 73_000, 3):
        day = date(1900, 1, 1) + timedelta(i)
        for locale in LOCALES:
            for style in STYLES:
                found = write_date(day, locale, style)
                assert meaning.setdefault(found.text, found.iso) == found.iso


def test_there_are_at_least_twelve_languages():
    assert len({locale.split("_")[0] for locale in LOCALES}) >= 12


def test_no_test_day_is_in_training_and_the_seed_decides():
    train, test = make_dates(300, 100, seed=1)
    assert (len(train), len(test)) == (300, 100)
    assert not {d.iso for d in train} & {d.iso for d in test}
    assert make_dates(300, 100, seed=1) == (train, test) != make_dates(300, 100, seed=2)


def test_there_are_not_more_dates_than_days():
    with pytest.raises(ValueError, match="at most 73049 days, got 73050"):
        make_dates(73_049, 1, seed=0)


def test_random_strings_have_the_lengths_asked_for():
    found = random_strings(50, [3, 7], seed=1)
    assert {len(s) for s in found} == {3, 7}
    assert found == random_strings(50, [3, 7], seed=1)
    assert all(s.isalpha() and s.islower() for s in found)


def test_the_pairs_are_all_there_and_no_source_is_in_both_parts():
    train, test = load_pairs("train"), load_pairs("test")
    assert (len(train), len(test)) == (26_000, 1_000)
    sources = {tuple(p.english) for p in train}
    assert not any(tuple(p.english) in sources for p in test)
    assert all(p.french == p.references[0] for p in test)
    assert test[4].references[1] == ["ta", "méthode", "est", "meilleure", "."]


def test_an_unknown_split_is_named():
    with pytest.raises(FileNotFoundError, match="'train' or 'test'"):
        load_pairs("validation")


def test_the_linked_pairs_are_chosen_by_the_rule_and_not_by_their_looks():
    test = load_pairs("test")
    fit = [p for p in test if len(p.english) == 8 and len(p.references) == 1]
    found = [(p.english, p.french) for p in load_links()]
    assert found == [(p.english, p.french) for p in fit[:8]]


def test_links_stand_for_each_french_token_and_point_into_the_english_sentence():
    for pair in load_links():
        assert len(pair.links) == len(pair.french)
        assert {i for link in pair.links for i in link} <= set(range(len(pair.english)))
        assert pair.links[-1] == [len(pair.english) - 1]  # the mark at the end


def test_a_linked_pair_read_by_hand():
    pair = load_links()[1]
    words = [[pair.english[i] for i in link] for link in pair.links]
    assert dict(zip(pair.french, words, strict=True))["te"] == ["you"]
    assert words[6:8] == [[], []]  # de, l': come from nowhere


def test_every_data_file_is_in_the_readme_and_small():
    readme = (BOOK / "data" / "README.md").read_text("utf-8")
    for file in (BOOK / "data").iterdir():
        if file.name not in ("README.md", "__pycache__"):
            assert f"`{file.name}`" in readme, f"{file.name} has no licence"
            assert file.stat().st_size < 5 * 2**20


def test_shipped_weights_hold_plain_arrays_in_half_precision():
    files = sorted((BOOK / "data").glob("translator-*.npz"))
    assert len(files) == 4
    for file in files:
        with np.load(file, allow_pickle=False) as arrays:
            assert {arrays[name].dtype for name in arrays.files} == {np.dtype("f2")}


def test_alignment_error_worked_by_hand():
    weights = torch.tensor([[0.7, 0.2, 0.1], [0.6, 0.3, 0.1], [0.3, 0.3, 0.4]])
    assert alignment_error(weights, [[0], [1, 2], []]) == 0.5


def test_alignment_error_agrees_with_a_loop():
    g = torch.Generator().manual_seed(1)
    weights = torch.rand(13, 7, generator=g)
    links = [
        [i for i in range(7) if torch.rand(1, generator=g) < 0.3] for _ in range(13)
    ]
    wrong = [
        max(range(7), key=row.__getitem__) not in link
        for row, link in zip(weights.tolist(), links, strict=True)
        if link
    ]
    assert alignment_error(weights, links) == sum(wrong) / len(wrong)


def test_a_sharper_distribution_has_the_same_alignment_error():
    scores = torch.randn(11, 5, generator=torch.Generator().manual_seed(2))
    links = [[i % 5] for i in range(11)]
    errors = {alignment_error((scores * k).softmax(-1), links) for k in (1, 7)}
    assert len(errors) == 1


def test_links_must_fit_the_weights():
    with pytest.raises(ValueError, match="expected 3 rows, got 2"):
        alignment_error(torch.rand(3, 5), [[0], [1]])
