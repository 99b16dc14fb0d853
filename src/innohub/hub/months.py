"""The log of attempts by months: parts made ahead, and dropped whole when their time is over. To
drop one takes a moment, however many rows it holds; to delete them would take as long as to write.

What was logged before there were parts is one part of its own, without a beginning. What belongs to
no month, as of a worker that was away for long, waits in a last one until its month is made.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.retention import Periods
from innohub.db.unit_of_work import Database

log = structlog.get_logger()

AHEAD = 3
"""Months that are there before they begin, this one counted."""
LOCK = 0x1AB0_A0D2
OTHERWISE = "attempt_otherwise"
_PARTS = text(
    "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i "
    "JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'attempt'::regclass"
)


@dataclass(frozen=True)
class Part:
    name: str
    until: datetime


async def tend_months(database: Database, *, periods: Periods | None = None) -> int:
    """Make the parts of this month and the next two, and drop those whose time is over. How many
    were made or dropped. Two workers take turns."""
    kept = (periods or Periods()).attempts
    done = 0
    async with database.session() as session, session.begin():
        await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        now = database.clock()
        parts = await parts_of(session)
        start = max(part.until for part in parts)
        while start < _later(_month(now), AHEAD):
            await _make(session, start, _later(start, 1))
            start, done = _later(start, 1), done + 1
    for part in parts:
        if part.until <= now - kept and await _drop(database, part):
            done += 1
    return done


async def parts_of(session: AsyncSession) -> list[Part]:
    """Those with an end, in UTC."""
    await session.execute(text("SET LOCAL timezone = 'UTC'"))
    found = []
    for name, bound in await session.execute(_PARTS):
        end = re.search(r"TO \('([^']+)'\)", bound)
        if end is not None:
            found.append(Part(name, datetime.fromisoformat(end[1]).astimezone(UTC)))
    return found


async def _make(session: AsyncSession, start: datetime, end: datetime) -> None:
    """Attached once it is whole: to create it in its place would stop all who read and write."""
    name = f"attempt_{start:%Y_%m}"
    await session.execute(
        text(f"CREATE TABLE {name} (LIKE attempt INCLUDING DEFAULTS INCLUDING STORAGE)")
    )
    months = f"created_at >= '{start.isoformat()}' AND created_at < '{end.isoformat()}'"
    await session.execute(
        text(
            f"WITH moved AS (DELETE FROM {OTHERWISE} WHERE {months} RETURNING *) "  # noqa: S608
            f"INSERT INTO {name} SELECT * FROM moved"
        )
    )
    await session.execute(
        text(
            f"ALTER TABLE attempt ATTACH PARTITION {name} "
            f"FOR VALUES FROM ('{start.isoformat()}') TO ('{end.isoformat()}')"
        )
    )
    log.info("months.made", part=name)


async def _drop(database: Database, part: Part) -> bool:
    async with database.session() as session, session.begin():
        await session.execute(text("SET LOCAL lock_timeout = '2s'"))
        await session.execute(text(f"DROP TABLE IF EXISTS {part.name}"))
    log.info("months.dropped", part=part.name)
    return True


def _month(moment: datetime) -> datetime:
    at = moment.astimezone(UTC)
    return datetime(at.year, at.month, 1, tzinfo=UTC)


def _later(month: datetime, months: int) -> datetime:
    """The first of the month so many months later."""
    years, index = divmod(month.month - 1 + months, 12)
    return datetime(month.year + years, index + 1, 1, tzinfo=UTC)
