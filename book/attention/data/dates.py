"""Dates as people write them in many languages, with where each part stands."""

import random
from datetime import date, timedelta
from typing import Literal, NamedTuple

from babel.dates import DateTimeFormat, get_date_format, tokenize_pattern

LOCALES = tuple("de el en_US es fi fr hu it ja nl pl pt ru tr".split())
Style = Literal["medium", "long", "full"]
STYLES: tuple[Style, ...] = (
    "medium",
    "long",
    "full",
)  # in "short", 5/6/09 may be May or June
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2099, 12, 31)


class WrittenDate(NamedTuple):
    """A date in words and as year-month-day, and the links between the two."""

    text: str
    iso: str
    links: tuple[range, ...]  # for each character of iso, the part of text it is in


def write_date(day: date, locale: str = "en_US", style: Style = "long") -> WrittenDate:
    """Write a day as people do in a country.

    Args:
        day: which day.
        locale: a name that babel knows, such as `fr`.
        style: `medium`, `long` or `full`.

    """
    fields = DateTimeFormat(day, locale)
    text, places = "", {}
    for _, value in tokenize_pattern(get_date_format(style, locale).pattern):
        if isinstance(value, str):
            part = value.replace("\u202f", " ")  # Russian has a narrow space
        else:
            letter, count = str(value[0]), int(value[1])
            part = fields[letter * count]
            places[letter] = range(len(text), len(text) + len(part))
        text += part
    hyphen = range(0)  # comes from nowhere in the text
    year, month, day_ = (places[letter] for letter in "yMd")
    links = (*[year] * 4, hyphen, *[month] * 2, hyphen, *[day_] * 2)
    return WrittenDate(text, day.isoformat(), links)


def make_dates(
    n_train: int, n_test: int, seed: int
) -> tuple[list[WrittenDate], list[WrittenDate]]:
    """Write random days in random languages and styles; no test day is in training."""
    rng = random.Random(seed)
    days = [FIRST_DAY + timedelta(i) for i in range((LAST_DAY - FIRST_DAY).days + 1)]
    rng.shuffle(days)
    if n_train + n_test > len(days):
        raise ValueError(
            f"n_train + n_test: expected at most {len(days)} days, "
            f"got {n_train + n_test}"
        )
    written = [
        write_date(day, rng.choice(LOCALES), rng.choice(STYLES))
        for day in days[: n_train + n_test]
    ]
    return written[:n_train], written[n_train:]
