"""Runs as rows: taken up under a fence, moved on page by page, ended. Each function is part of a
short transaction of the caller's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.hub.reconcile.judging import Side
from innohub.hub.reconcile.models import OPEN, Reconciliation, RunState, ShownRecord

LEASE = timedelta(seconds=120)
"""More than one request, and waiting for a token before it."""


class RunLost(Exception):
    """Another worker took the run up: our lease had ended."""


@dataclass(frozen=True)
class Held:
    """A run in hand under `fence`."""

    run_id: int
    fence: int


async def claim(session: AsyncSession, *, now: datetime, count: int) -> list[Held]:
    """At most so many runs that are due, those that waited longest first."""
    due = (
        select(Reconciliation.id)
        .where(Reconciliation.state.in_(OPEN), Reconciliation.next_at <= now)
        .order_by(Reconciliation.next_at, Reconciliation.id)
        .limit(count)
        .with_for_update(skip_locked=True)
    )
    take = (
        update(Reconciliation)
        .where(Reconciliation.id.in_(due))
        .values(
            state=RunState.RUNNING,
            started_at=func.coalesce(Reconciliation.started_at, now),
            next_at=now + LEASE,
            fence=Reconciliation.fence + 1,
        )
        .returning(Reconciliation.id, Reconciliation.fence)
        .execution_options(synchronize_session=False)
    )
    return [Held(*row) for row in await session.execute(take)]


async def hold(session: AsyncSession, held: Held, *, now: datetime) -> Reconciliation:
    """The run, locked until the end of the transaction, and its lease renewed. Raises RunLost."""
    found = select(Reconciliation).where(
        Reconciliation.id == held.run_id,
        Reconciliation.fence == held.fence,
        Reconciliation.state == RunState.RUNNING,
    )
    locked = found.with_for_update().execution_options(populate_existing=True)
    run = (await session.scalars(locked)).one_or_none()
    if run is None:
        raise RunLost
    run.next_at = now + LEASE
    return run


async def keep(
    session: AsyncSession, run: Reconciliation, records: Iterable[tuple[str, Side]]
) -> int:
    """Store what was shown. How many of them are new: pages overlap, and may be shown again."""
    rows = {
        (key, side.remote_id or ""): {
            "reconciliation_id": run.id,
            "record_key": key,
            "remote_id": side.remote_id or "",
            "etag": side.etag,
            "revision": side.revision,
            "digest": side.digest,
            "copies": side.copies,
        }
        for key, side in records
    }
    fresh = 0
    values = list(rows.values())
    for start in range(0, len(values), 1_000):
        added = insert(ShownRecord).values(values[start : start + 1_000])
        stored = added.on_conflict_do_nothing().returning(ShownRecord.id)
        fresh += len((await session.execute(stored)).all())
    return fresh


async def clear(session: AsyncSession, run_id: int) -> None:
    await _run(session, delete(ShownRecord).where(ShownRecord.reconciliation_id == run_id))


async def _run(session: AsyncSession, statement: Any) -> None:
    await session.execute(statement.execution_options(synchronize_session=False))
