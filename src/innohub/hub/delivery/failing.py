"""Connections that do nothing but fail: their people are warned in time, then they are paused.

Nothing is lost by it: what happens meanwhile lines up, and goes out once somebody resumes it.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from innohub.db.unit_of_work import Database, UnitOfWork
from innohub.hub.models import CONNECTION, SENDING, Connection
from innohub.identity.actor import SYSTEM
from innohub.identity.models import Role
from innohub.notices.models import NoticeKind
from innohub.notices.service import notify
from innohub.outbox.service import record

PAUSED_AFTER = timedelta(days=5)
"""So long without one success. Long enough for a weekend with a bank holiday, and for a certificate
that has to be ordered."""
WARN_AT = (50, 80)
"""Per cent of that time."""
AT_ONCE = 50


async def warn_of_failing(database: Database) -> int:
    """Warn the people of failing connections at each share of the time, and pause those whose time
    is up. Returns how many were warned or paused.

    Two workers take different ones; a crash leaves one for the next round.
    """
    done = 0
    while True:
        async with database.unit_of_work(SYSTEM.signature()) as work:
            due = await _due(work)
            for connection in due:
                await _tell(work, connection)
        done += len(due)
        if len(due) < AT_ONCE:
            return done


def percent_of(since: datetime, now: datetime) -> int:
    """How much of the time until it is paused has passed."""
    return min(100, int((now - since) / PAUSED_AFTER * 100))


async def _due(work: UnitOfWork) -> list[Connection]:
    warned = func.coalesce(Connection.warned_percent, 0)
    reached = (
        (Connection.failing_since <= work.now - PAUSED_AFTER * share / 100) & (warned < share)
        for share in (*WARN_AT, 100)
    )
    found = await work.session.scalars(
        select(Connection)
        .where(Connection.state.in_(SENDING), or_(*reached))
        .order_by(Connection.id)
        .limit(AT_ONCE)
        .with_for_update(key_share=True, skip_locked=True)
    )
    return list(found)


async def _tell(work: UnitOfWork, connection: Connection) -> None:
    since = connection.failing_since
    if since is None:
        raise LookupError("a connection that fails has failed since some moment")
    percent = percent_of(since, work.now)
    connection.warned_percent = max(share for share in (0, *WARN_AT, 100) if share <= percent)
    if percent >= 100:
        days = PAUSED_AFTER.days
        connection.state = CONNECTION.after("pause", connection.state)
        connection.state_reason = f"Nothing could be delivered for {days} days."
        verb, told = "pause", f"is paused: nothing could be delivered for {days} days"
    else:
        verb, told = "warn", f"fails, and is paused on {(since + PAUSED_AFTER):%d %B} if it goes on"
    await record(work, f"connection:{verb}", connection, reason=f"{percent}% of the time passed")
    await notify(
        work,
        kind=NoticeKind.CONNECTION,
        organisation_id=connection.organisation_id,
        roles=[Role.SUPPLIER_ADMIN],
        text=f"{connection.name} {told}. Its events line up. See why, and mend it.",
        path=f"/integrations/{connection.id}",
        key=f"connection/{connection.id}/failing/{since:%Y%m%dT%H%M%S}/{connection.warned_percent}",
    )
