"""The day in London, in SQL; `working_days.london_date` is the same in Python."""

from typing import Any

from sqlalchemy import ColumnElement, Date, cast, func

from innohub.market.constants import said


def london_day(moment: Any) -> ColumnElement[Any]:
    """The calendar day in London at a moment."""
    return cast(func.timezone(said("Europe/London"), moment), Date)


def today_in_london() -> ColumnElement[Any]:
    return london_day(func.now())
