"""Days as they come out of spreadsheets and APIs, read strictly."""

import re
from datetime import date

FORMS = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?"),
    re.compile(r"(?:(?P<day>\d{1,2})/)?(?P<month>\d{1,2})/(?P<year>\d{4})"),
)
EARLIEST, LATEST = 1900, 2100


class NotADay(ValueError):
    """Says what is wrong with it, for the person who typed it."""


def read_day(value: object) -> date:
    """2025-03-01, 2025-03, 01/03/2025 (the day first) or 03/2025. Raises NotADay."""
    if isinstance(value, date):
        return value
    text = "" if value is None else str(value).strip()
    if not text:
        raise NotADay("The first day of the month or period is missing.")
    for form in FORMS:
        if found := form.fullmatch(text):
            parts = {name: int(part or 1) for name, part in found.groupdict().items()}
            return _day(text, **parts)
    raise NotADay(f"“{text[:40]}” is not a day such as 2025-03-01 or 01/03/2025.")


def _day(text: str, year: int, month: int, day: int) -> date:
    if not EARLIEST <= year <= LATEST:
        raise NotADay(f"“{text}” is outside the years {EARLIEST} to {LATEST}.")
    try:
        return date(year, month, day)
    except ValueError:
        raise NotADay(f"“{text}” is not in the calendar: days come before months.") from None
