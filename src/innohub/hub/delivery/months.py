"""The log of attempts by months: parts made ahead, and dropped whole when their time is over. To
drop one takes a moment, however many rows it holds; to delete them would take as long as to write.

What was logged before there were parts is one part of its own, without a beginning. What belongs to
no month, as of a worker that was away for long, waits in a last one until its month is made.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.parts import attach, bounds, take_turns
from innohub.db.retention import Periods
from innohub.db.unit_of_work import Database

log = structlog.get_logger()

AHEAD = 3
"""Months that are there before they begin, this one counted."""


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
        await take_turns(session)
        now = database.clock()
        parts = await parts_of(session)
        start = max(part.until for part in parts)
        while start < _later(_month(now), AHEAD):
            name, end = f"attempt_{start:%Y_%m}", _later(start, 1)
            await attach(session, "attempt", name, "created_at", start.isoformat(), end.isoformat())
            start, done = end, done + 1
    for part in parts:
        if part.until <= now - kept and await _drop(database, part):
            done += 1
    return done


async def parts_of(session: AsyncSession) -> list[Part]:
    """Those with an end, in UTC."""
    await session.execute(text("SET LOCAL timezone = 'UTC'"))
    ends = await bounds(session, "attempt")
    return [Part(name, datetime.fromisoformat(end).astimezone(UTC)) for name, end in ends.items()]


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
