"""What is kept for a time only, and how it goes: a thousand rows at a time, each lot in a
transaction of its own, past rows that somebody holds. No lock lasts longer than a moment, whatever
piled up.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from sqlalchemy import ColumnElement, Select, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.model import Entity
from innohub.settings import Settings

LOT = 1_000


@dataclass(frozen=True)
class Periods:
    """How long the operator keeps what may be kept for longer or shorter: docs/retention.md."""

    sessions: timedelta = timedelta(days=30)
    attempts: timedelta = timedelta(days=400)
    read_notices: timedelta = timedelta(days=180)
    mail: timedelta = timedelta(days=90)
    links: timedelta = timedelta(days=90)
    comparisons: timedelta = timedelta(days=90)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(
            sessions=timedelta(days=settings.keep_sessions_days),
            attempts=timedelta(days=settings.keep_attempts_days),
            read_notices=timedelta(days=settings.keep_read_notices_days),
            mail=timedelta(days=settings.keep_mail_days),
            links=timedelta(days=settings.keep_links_days),
            comparisons=timedelta(days=settings.keep_comparisons_days),
        )


async def forget(session: AsyncSession, model: type[Entity], *gone: ColumnElement[bool]) -> int:
    """Delete a lot of the rows for which all of `gone` holds. How many; the caller commits, and
    asks again until there are none."""
    return await forget_found(session, model, select(model.id).where(*gone))


async def forget_found(session: AsyncSession, model: type[Entity], ids: Select[int]) -> int:
    """Delete a lot of those that the statement finds."""
    lot = _lot(ids)
    gone = delete(model).where(model.id.in_(select(lot.c.id))).returning(model.id)
    return len((await session.execute(gone.execution_options(synchronize_session=False))).all())


async def empty(
    session: AsyncSession, model: type[Entity], *old: ColumnElement[bool], **values: Any
) -> int:
    """Set values in a lot of the rows for which all of `old` holds, until they are set."""
    lot = _lot(select(model.id).where(*old))
    emptied = (
        update(model)
        .where(model.id.in_(select(lot.c.id)))
        .values(**values)
        .returning(model.id)
        .execution_options(synchronize_session=False)
    )
    return len((await session.execute(emptied)).all())


def _lot(ids: Select[int]) -> Any:
    # With a lock, PostgreSQL runs it once: folded into the statement, it might run for every row.
    return ids.limit(LOT).with_for_update(skip_locked=True).cte("lot")
