"""How a connection fares: failures in a row, the rest that its system asks for, and the breaker.

A failing connection is probed by a single lane, at growing intervals.
"""

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, case, func, literal, update
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.hub.connectors.contract import Outcome, OutcomeClass
from innohub.hub.delivery.verdict import Verdict
from innohub.hub.models import Connection, ConnectionState

FAILING_AFTER = 5
"""So many failures in a row mark a connection as failing, and open its breaker."""
PROBE_SECONDS = 10.0
LONGEST_PROBE_SECONDS = 300.0
"""A failing connection is tried again after 10 s, 20 s, … at most five minutes; by one lane."""
UNREACHED = (OutcomeClass.RETRY, OutcomeClass.UNKNOWN)
"""Failures of the system as a whole. A record that it refuses says nothing of the next one."""


async def note_health(
    session: AsyncSession, connection_id: int, outcome: Outcome, verdict: Verdict, now: datetime
) -> None:
    """Count failures in a row, and leave the connection alone for as long as the system asks, or
    the breaker: a failing one is probed by a single lane at growing intervals.

    In a transaction of its own: every lane of the connection writes this row, and none should
    wait for what another settles. Written past the ORM: none of it is a revision.
    """
    table = cast(Table, Connection.__table__)
    changed = update(table).where(table.c.id == connection_id)
    if outcome.kind is OutcomeClass.OK:
        if outcome.rest_seconds:
            until = now + timedelta(seconds=outcome.rest_seconds)
            await session.execute(
                changed.values(paused_until=func.greatest(table.c.paused_until, until))
            )
        mended = case(
            (table.c.state == ConnectionState.FAILING, ConnectionState.ACTIVE),
            else_=table.c.state,
        )
        await session.execute(
            changed.where(table.c.consecutive_failures > 0).values(
                consecutive_failures=0, failing_since=None, warned_percent=None, state=mended
            )
        )
        return
    failures = _counted(table, now)
    broken = case(
        (
            (table.c.state == ConnectionState.ACTIVE) & (failures >= FAILING_AFTER),
            ConnectionState.FAILING,
        ),
        else_=table.c.state,
    )
    # greatest() passes over NULLs: the longest pause that was asked for holds.
    pauses: list[Any] = [table.c.paused_until, verdict.leave_alone_until]
    if outcome.kind in UNREACHED:
        pauses.append(_probe_at(failures, now))
    await session.execute(
        changed.values(
            consecutive_failures=failures,
            failing_since=func.coalesce(table.c.failing_since, now),
            state=broken,
            paused_until=func.greatest(*pauses),
        )
    )


def _counted(table: Table, now: datetime) -> ColumnElement[int]:
    """Failures in a row with this one. What was under way when the breaker opened tells nothing
    more: counted, sixteen tries that fail as one would open it for minutes at once."""
    failures = table.c.consecutive_failures
    is_open = (failures >= FAILING_AFTER) & (table.c.paused_until > now)
    return case((is_open, failures), else_=failures + 1)


def _probe_at(failures: ColumnElement[int], now: datetime) -> ColumnElement[datetime | None]:
    """When the breaker lets one lane try again; null while it is closed."""
    doublings = func.least(failures - FAILING_AFTER, 16)
    seconds = func.least(PROBE_SECONDS * func.power(2, doublings), LONGEST_PROBE_SECONDS)
    moment = literal(now) + func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    return case((failures >= FAILING_AFTER, moment), else_=None)
