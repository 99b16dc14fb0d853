"""When whose digest is due: on a working-day morning in London, once in its period."""

from datetime import date, datetime, time

from innohub.market.working_days import LONDON, is_working_day
from innohub.notices.models import Cadence

MORNING = time(7, 0)
"""In London: from here on, before the day's first meeting."""


def due_period(cadence: Cadence, now: datetime) -> str | None:
    """The period whose digest may be composed at `now`; None before a working day's
    morning, and on other days.

    A weekly one comes on the week's first working day, a monthly one on the month's; where the hub
    was down, on the next working day of the same period.
    """
    local = now.astimezone(LONDON)
    if local.time() < MORNING or not is_working_day(local.date()):
        return None
    return period_of(cadence, local.date())


def period_of(cadence: Cadence, day: date) -> str:
    """The period in which the day lies."""
    return _NAMES[cadence](day)


def _day(day: date) -> str:
    return day.isoformat()


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def _month(day: date) -> str:
    return f"{day:%Y-%m}"


_NAMES = {Cadence.DAILY: _day, Cadence.WEEKLY: _week, Cadence.MONTHLY: _month}
