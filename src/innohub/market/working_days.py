"""Working days in England and Wales, for every clock that the market's rules count in them.

Neither weekends nor bank holidays count: the meaning of section 1 of the Banking and Financial
Dealings Act 1971, with the days proclaimed since.
"""

from datetime import date, timedelta
from functools import lru_cache

import holidays

SATURDAY = 5


def is_working_day(day: date) -> bool:
    """Whether `day` is neither a Saturday, a Sunday nor a bank holiday."""
    return day.weekday() < SATURDAY and day not in _bank_holidays(day.year)


def add_working_days(start: date, days: int) -> date:
    """The last day of a period of `days` working days that begins on the day after `start`.

    With 0 days it is `start` itself. Raises ValueError for a negative number.
    """
    if days < 0:
        raise ValueError("a period cannot be negative")
    day, left = start, days
    while left:
        day += timedelta(days=1)
        left -= is_working_day(day)
    return day


@lru_cache(maxsize=16)
def _bank_holidays(year: int) -> frozenset[date]:
    # England and Wales share one list, which the library files under either.
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))
