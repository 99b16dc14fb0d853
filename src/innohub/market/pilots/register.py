"""The public register: what was registered, what was reported of it, and how late.

A registered pilot owes a result by the day that its protocol names. Reported it is once a second
analyst has confirmed the result, or where a stopped pilot said why there is none. Thirty days after
its day, what is not reported is called unreported: the vocabulary's `overdue_flag`.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Interval,
    and_,
    case,
    cast,
    false,
    func,
    literal_column,
    null,
    select,
)
from sqlalchemy.orm import aliased

from innohub.market.constants import in_states
from innohub.market.london import london_day, today_in_london
from innohub.market.pilots import policy
from innohub.market.pilots.models import Pilot, Protocol

GRACE = timedelta(days=30)
"""So long after it was due, a result is called unreported."""
_GRACE: ColumnElement[Any] = cast(literal_column(f"'{GRACE.days} days'"), Interval)


class Reporting(StrEnum):
    """How a registered pilot stands with the result that it owes."""

    NOT_DUE = "not_due"
    DUE = "due"
    """Not reported after its day, and within the grace."""
    UNREPORTED = "unreported"
    """Not reported after the grace: what the vocabulary calls registered, unreported."""
    ON_TIME = "on_time"
    LATE = "late"


REPORTED = (Reporting.ON_TIME, Reporting.LATE)


def registered(pilot: Any) -> ColumnElement[bool]:
    """Pilots of forces in the public register; what the literature printed never stood there."""
    return and_(in_states(pilot.state, policy.REGISTERED), pilot.force_id.is_not(None))


def due_on(pilot: Any) -> ColumnElement[Any]:
    """The day by which the locked protocol promised a result."""
    protocol = aliased(Protocol)
    return (
        select(protocol.result_due_on)
        .where(protocol.pilot_id == pilot.id, protocol.locked_at.is_not(None))
        .correlate_except(protocol)
        .scalar_subquery()
    )


def reported_on(pilot: Any) -> ColumnElement[Any]:
    """The day in London on which it was reported."""
    return london_day(pilot.reported_at)


def owing(pilot: Any) -> ColumnElement[bool]:
    """Registered pilots whose result nobody has reported yet."""
    return and_(registered(pilot), pilot.reported_at.is_(None))


def unreported(pilot: Any, today: Any = None) -> ColumnElement[bool]:
    """Pilots whose result is overdue beyond the grace on the day `today`, in London by default."""
    today = today_in_london() if today is None else today
    # Without a locked protocol there is no day, and NULL would be neither true nor false.
    return and_(owing(pilot), func.coalesce(due_on(pilot) + _GRACE < today, false()))


def reporting(pilot: Any, today: Any = None) -> ColumnElement[Any]:
    """A name of `Reporting` on the day `today`, in London by default; NULL for a pilot that is not
    registered."""
    due, today = due_on(pilot), today_in_london() if today is None else today
    return case(
        (~registered(pilot), null()),
        (reported_on(pilot) <= due, _named(Reporting.ON_TIME)),
        (pilot.reported_at.is_not(None), _named(Reporting.LATE)),
        (due >= today, _named(Reporting.NOT_DUE)),
        (unreported(pilot, today), _named(Reporting.UNREPORTED)),
        else_=_named(Reporting.DUE),
    )


def days_late(pilot: Any, today: Any = None) -> ColumnElement[Any]:
    """Whole days from the due day to the report, or to today while there is none; NULL on time."""
    until = func.coalesce(reported_on(pilot), today_in_london() if today is None else today)
    late = until - due_on(pilot)
    return case((registered(pilot) & (late > 0), late), else_=null())


def count_of(organisation: Any, standing: Reporting) -> ColumnElement[Any]:
    """How many pilots, run by a force or of a supplier's technologies, stand so."""
    pilot = aliased(Pilot)
    return (
        select(func.count())
        .select_from(pilot)
        .where(
            (pilot.force_id == organisation.id) | (pilot.supplier_id == organisation.id),
            reporting(pilot) == _named(standing),
        )
        .correlate_except(pilot)
        .scalar_subquery()
    )


def _named(standing: Reporting) -> ColumnElement[str]:
    return literal_column(f"'{standing}'")
