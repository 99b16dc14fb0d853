"""Working days in England and Wales: Monday to Friday, without bank holidays."""

from datetime import UTC, date, datetime
from functools import cache
from typing import Protocol
from zoneinfo import ZoneInfo

from holidays import country_holidays

LONDON = ZoneInfo("Europe/London")


class _Calendar(Protocol):
    def get_nth_working_day(self, key: date, n: int) -> date: ...


@cache
def _calendar() -> _Calendar:
    # England and Wales share their bank holidays; the library knows them as two subdivisions.
    return country_holidays("GB", subdiv="ENG")


def london_date(moment: datetime) -> date:
    """The date in London at `moment`, which carries its time zone."""
    return moment.astimezone(LONDON).date()


def working_days_after(day: date, count: int) -> date:
    """The last of the `count` working days that follow `day`; `day` itself where `count` is 0."""
    return _calendar().get_nth_working_day(day, count) if count else day


def close_of_working_day(moment: datetime, count: int) -> datetime:
    """Midnight in London that ends the `count`-th working day after `moment`, in UTC."""
    last = working_days_after(london_date(moment), count)
    following = date.fromordinal(last.toordinal() + 1)
    return datetime.combine(following, datetime.min.time(), LONDON).astimezone(UTC)
