"""Which contracting processes a change may have changed.

The audit trail names every change, in the order of commits and without gaps. Reading on in it, from
where the last reading ended, misses nothing, and costs those who write nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.unit_of_work import UnitOfWork
from innohub.market.board.models import Round, RoundItem
from innohub.market.challenges.models import Challenge, ChallengeQuestion
from innohub.market.demand.models import CallOff, Pool, PoolAward
from innohub.market.evidence.models import Result
from innohub.market.open_data.models import OcdsPosition, ProcessKind
from innohub.market.pilots.models import Pilot
from innohub.market.quotes.models import Quote
from innohub.outbox.models import AuditEntry

BATCH = 1_000
"""Entries of the audit trail that are read at once."""


class Process(NamedTuple):
    """A contracting process: what it is about, and its number."""

    kind: ProcessKind
    number: int


Ids = Collection[int]
C, T, B = ProcessKind.CHALLENGE, ProcessKind.TECHNOLOGY, ProcessKind.POOL


def _of_pilots(ids: Any) -> list[Any]:
    # A pilot belongs to its challenge's process alone, if it is for one.
    unasked = Pilot.id.in_(ids), Pilot.challenge_id.is_(None), Pilot.force_id.is_not(None)
    return [
        (C, select(Pilot.challenge_id).where(Pilot.id.in_(ids), Pilot.challenge_id.is_not(None))),
        (T, select(Pilot.technology_id).where(*unasked)),
    ]


FOUND_BY: dict[str, Callable[[Ids], list[Any]]] = {
    Challenge.__tablename__: lambda ids: [(C, select(Challenge.id).where(Challenge.id.in_(ids)))],
    ChallengeQuestion.__tablename__: lambda ids: [
        (C, select(ChallengeQuestion.challenge_id).where(ChallengeQuestion.id.in_(ids)))
    ],
    Pilot.__tablename__: _of_pilots,
    Result.__tablename__: lambda ids: _of_pilots(
        select(Result.pilot_id).where(Result.id.in_(ids)).scalar_subquery()
    ),
    Round.__tablename__: lambda ids: [
        (T, select(RoundItem.technology_id).where(RoundItem.round_id.in_(ids)))
    ],
    Pool.__tablename__: lambda ids: [(B, select(Pool.id).where(Pool.id.in_(ids)))],
    PoolAward.__tablename__: lambda ids: [
        (B, select(PoolAward.pool_id).where(PoolAward.id.in_(ids)))
    ],
    CallOff.__tablename__: lambda ids: [(B, select(CallOff.pool_id).where(CallOff.id.in_(ids)))],
    Quote.__tablename__: lambda ids: [
        (B, select(PoolAward.pool_id).where(PoolAward.quote_id.in_(ids)))
    ],
}
"""By the table that a change was made to: the processes that its rows belong to."""


async def next_changes(work: UnitOfWork) -> tuple[list[Process], int]:
    """The processes behind the next entries of the audit trail, in order, and how many entries
    there were. Holds the place in it until the end of the unit of work; nothing where another
    process holds it."""
    place = await _held_place(work)
    if place is None:
        return [], 0
    entries = (
        await work.session.execute(
            select(AuditEntry.seq, AuditEntry.object_type, AuditEntry.object_id)
            .where(AuditEntry.seq > place)
            .order_by(AuditEntry.seq)
            .limit(BATCH)
        )
    ).all()
    if entries:
        # Bookkeeping, past the mapper: a place in the audit trail has no entry in it.
        await work.session.execute(update(OcdsPosition).values(audit_seq=entries[-1].seq))
    found = await _processes(work.session, ((e.object_type, e.object_id) for e in entries))
    return sorted(found), len(entries)


async def _held_place(work: UnitOfWork) -> int | None:
    await work.session.execute(
        insert(OcdsPosition).values(id=1, audit_seq=0).on_conflict_do_nothing()
    )
    return await work.session.scalar(
        select(OcdsPosition.audit_seq).with_for_update(skip_locked=True)
    )


async def _processes(session: AsyncSession, touched: Iterable[tuple[str, int]]) -> set[Process]:
    ids: dict[str, set[int]] = defaultdict(set)
    for table, id in touched:
        if table in FOUND_BY:
            ids[table].add(id)
    return {
        Process(kind, number)
        for table, rows in ids.items()
        for kind, numbers in FOUND_BY[table](rows)
        for number in await session.scalars(numbers)
    }
