"""Read the times that stand in the names of files, as platforms write them."""

from __future__ import annotations

import datetime
import re

MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
CLOCK = r"(?:at ?)?\d{1,2}[:.h]?\d{2}(?:[:.]\d{2})?(?: ?[AaPp]\.? ?[Mm]\b\.?)?"
WORDED = (  # Brightspace: month or day first, 12 hours or 24, spaces or none
    rf"(?:[^\W\d_]{{3,12}}\.? ?\d{{1,2}}|\d{{1,2}}\.? ?[^\W\d_]{{3,12}}\.?)"
    rf",? ?\d{{4}},? ?{CLOCK}"
)
NUMBERED = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[-T _]+(\d\d)[-:.](\d\d)(?:[-:.](\d\d))?(?:\.\d+)?"
    r"\s*(Z|UTC|[+-]\d\d:?\d\d)?"
)
TIME = re.compile(
    r"(?P<hour>\d{1,2})[:.h]?(?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?"
    r"(?: ?(?P<half>[AaPp])\.? ?[Mm]\.?)?\Z"
)


def read_moment(text: str | None) -> datetime.datetime | None:
    """Return the time that a text says, or None.

    It is in the platform's own zone, and then without one, unless the text names it.
    """
    if not text or len(text) > 80:
        return None
    try:
        return read_numbers(text.strip()) or read_words(text.strip())
    except ValueError:
        return None


def read_numbers(text: str) -> datetime.datetime | None:
    """Return the time of a text like 2026-03-01-12-00-00 or 2026-03-01T12:00:00Z."""
    if re.fullmatch(r"\d{17}", text):  # older Sakai, to the millisecond, in UTC
        text = re.sub(r"(\d{4})(..)(..)(..)(..)(..)\d+", r"\1-\2-\3 \4:\5:\6Z", text)
    match = NUMBERED.fullmatch(text)
    if match is None:
        return None
    *numbers, zone = match.groups()
    year, month, day, hour, minute, second = (int(number or 0) for number in numbers)
    moment = datetime.datetime(year, month, day, hour, minute, second)
    if not zone:
        return moment
    offset = zone.replace("UTC", "+0000").replace("Z", "+0000").replace(":", "")
    minutes = int(offset[1:3]) * 60 + int(offset[3:])
    shift = datetime.timedelta(minutes=-minutes if offset[0] == "-" else minutes)
    return (moment - shift).replace(tzinfo=datetime.UTC)


def read_words(text: str) -> datetime.datetime | None:
    """Return the time of a text like "Mar 1, 2026 1200 PM" or "1 March 2026 14:05"."""
    word = re.search(r"[^\W\d_]{3,}", text)
    year = re.search(r"(?<!\d)(\d{4})(?=,? )", text)
    clock = TIME.search(text)
    if not word or not year or not clock or clock.start() < year.end():
        return None
    days = re.findall(r"(?<!\d)\d{1,2}(?!\d)", text[: year.start()])
    named = [n for n, month in enumerate(MONTHS, 1) if is_month(word[0], month)]
    if len(named) != 1 or len(days) != 1:
        return None
    hour, minute, second = (
        int(clock[part] or 0) for part in ("hour", "minute", "second")
    )
    if clock["half"] and 1 <= hour <= 12:  # "1322 PM" is 24 hours with a decoration
        hour = hour % 12 + (12 if clock["half"] in "pP" else 0)
    return datetime.datetime(int(year[1]), named[0], int(days[0]), hour, minute, second)


def is_month(word: str, month: str) -> bool:
    """Whether a word is a month's English name, or the first letters of it."""
    return month.startswith(word.casefold()) or word.casefold() == "sept" == month[:4]
