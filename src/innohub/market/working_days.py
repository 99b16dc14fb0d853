"""Working days in England and Wales, for every clock that the market's rules count in them.

Neither weekends nor bank holidays count, as in section 1 of the Banking and Financial Dealings
Act 1971 with the days proclaimed since.
"""

from datetime import UTC, date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo

from holidays import HolidayBase, country_holidays

LONDON = ZoneInfo("Europe/London")


def london_date(moment: datetime) -> date:
    """The calendar date in London at `moment`, which carries its time zone."""
    return moment.astimezone(LONDON).date()


def add_working_days(start: date, days: int) -> date:
    """The last day of a period of `days` working days that begins on the day after `start`.

    With 0 days it is `start` itself. Raises ValueError for a negative number.
    """
    if days < 0:
        raise ValueError("a period cannot be negative")
    return _calendar().get_nth_working_day(start, days) if days else start


def is_working_day(day: date) -> bool:
    return bool(_calendar().is_working_day(day))


def close_of_working_day(moment: datetime, days: int) -> datetime:
    """Midnight in London that ends the `days`-th working day after `moment`, in UTC."""
    last = add_working_days(london_date(moment), days)
    following = date.fromordinal(last.toordinal() + 1)
    return datetime.combine(following, time.min, LONDON).astimezone(UTC)


@cache
def _calendar() -> HolidayBase:
    # England and Wales share their bank holidays, which the library files under either.
    return country_holidays("GB", subdiv="ENG")


def in_words(day: date) -> str:
    """ "2 November 2026", as sentences say it."""
    return f"{day.day} {day:%B %Y}"
