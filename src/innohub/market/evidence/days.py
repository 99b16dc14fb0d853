"""Days as they come out of spreadsheets and APIs, read strictly: of totals and of observations."""

import re
from dataclasses import dataclass
from datetime import date

WRITTEN = "write it as 2026-04-03"
ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
SLASHED = re.compile(r"([0-9]{1,2})[/.]([0-9]{1,2})[/.]([0-9]{4})")
ISO_MONTH = re.compile(r"([0-9]{4})-([0-9]{1,2})")
SLASHED_MONTH = re.compile(r"([0-9]{1,2})/([0-9]{4})")
EARLIEST, LATEST = 1900, 2100
SHOWN = 40


class NotADay(ValueError):
    """Says what is wrong with it, for the person who typed it."""


@dataclass(frozen=True)
class Day:
    on: date
    first: int | None = None
    """Of a day like 03/04/2026, read with the day first, its first number: one over 12 proves the
    order for all that are written with it."""


def read_day(text: str) -> Day:
    """2026-04-03, 03/04/2026 or 03.04.2026 (the day first). Raises NotADay."""
    if iso := ISO.fullmatch(text):
        return Day(_valid(text, *map(int, iso.groups())))
    if slashed := SLASHED.fullmatch(text):
        first, second, year = map(int, slashed.groups())
        if second > 12 >= first:
            raise NotADay(f"“{text}” has its month first: write dates as 2026-04-03.")
        return Day(_valid(text, year, second, first), first)
    raise NotADay(f"“{text[:SHOWN]}” is not a date: {WRITTEN}.")


def read_start(value: object) -> date:
    """The first day of a stretch of time: a day, or a month such as 2026-04 or 04/2026. Raises
    NotADay."""
    if isinstance(value, date):
        return value
    text = "" if value is None else str(value).strip()
    if not text:
        raise NotADay("The first day of the month or period is missing.")
    if month := ISO_MONTH.fullmatch(text):
        return _valid(text, int(month[1]), int(month[2]), 1)
    if month := SLASHED_MONTH.fullmatch(text):
        return _valid(text, int(month[2]), int(month[1]), 1)
    return read_day(text).on


def _valid(text: str, year: int, month: int, day: int) -> date:
    if not EARLIEST <= year <= LATEST:
        raise NotADay(f"“{text}” is outside the years {EARLIEST} to {LATEST}.")
    try:
        return date(year, month, day)
    except ValueError:
        raise NotADay(f"“{text}” is not a day of the calendar.") from None
