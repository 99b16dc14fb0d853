"""Holds what the hub remembers against what their system showed, and mends what differs.

Mending never writes by itself: what must be sent again is lined up at the end of its lane, like a
replay, and goes by the same rules as every delivery. Under the lanes' locks both sides are looked
at once more, so that nothing is judged that moved meanwhile.
"""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.unit_of_work import UnitOfWork
from innohub.hub.delivery.replays import last_turns, line_up_again
from innohub.hub.models import Lane, RemoteRecord
from innohub.hub.reconcile import records
from innohub.hub.reconcile.judging import Judged, Side, judge
from innohub.hub.reconcile.models import Discrepancy, Kind, Mend
from innohub.hub.reconcile.records import Compared

BATCH = 200
NOT_KEPT = "The hub no longer has an event to send for it."


async def compare(work: UnitOfWork, compared: Compared, rows: Sequence[RemoteRecord]) -> int:
    """Judge these records, and mend them but in a dry run. How many differed."""
    session, run = work.session, compared.run
    found = await _judged(session, compared, rows)
    lanes: dict[str, Lane] = {}
    if found and not run.dry_run:
        streams = {row.stream for row, _ in found}
        lanes = await records.lanes_locked(session, compared.connection, streams)
        for row, _ in found:
            await session.refresh(row)
        found = await _judged(session, compared, [row for row, _ in found])
    quiet = await _quiet(session, compared, rows)
    run.moving += len(rows) - len(quiet)
    run.same += len(quiet) - len(found)
    turns = await last_turns(work, lanes.values())
    for row, judged in found:
        _count(compared, judged.kind, max(1, len(judged.surplus)))
        if run.dry_run:
            _tell(work, compared, row, judged)
        else:
            lane = lanes.get(row.stream)
            await _mend(work, compared, row, judged, lane, turns.get(row.stream, 0))
    return len(found)


async def _quiet(
    session: AsyncSession, compared: Compared, rows: Sequence[RemoteRecord]
) -> list[RemoteRecord]:
    """Those that nothing is or was under way to since the run began."""
    moving = await records.waiting(session, compared, {row.stream for row in rows})
    since = compared.quiet_since
    return [row for row in rows if row.record_key not in moving and row.seen_at < since]


async def _judged(
    session: AsyncSession, compared: Compared, rows: Sequence[RemoteRecord]
) -> list[tuple[RemoteRecord, Judged]]:
    quiet = await _quiet(session, compared, rows)
    theirs = await records.shown(session, compared.run, {row.record_key for row in quiet})
    judged = ((row, judge(records.our_side(row), theirs.get(row.record_key, []))) for row in quiet)
    return [(row, each) for row, each in judged if each is not None]


async def _mend(
    work: UnitOfWork,
    compared: Compared,
    row: RemoteRecord,
    judged: Judged,
    lane: Lane | None,
    last_turn: int,
) -> None:
    again = judged.kind is Kind.MISSING or judged.older
    delivery = await records.last_delivered(work.session, compared, row) if again else None
    told = _tell(work, compared, row, judged)
    if again and (delivery is None or lane is None):
        told[0].detail += f" {NOT_KEPT}"
        return
    if judged.kind is Kind.MISSING:
        await work.session.delete(row)
    elif judged.theirs is not None:
        _adopt(work, row, judged.theirs)
        told[0].mend = Mend.ADOPTED
    if delivery is not None and lane is not None:
        sent = await line_up_again(work, lane, delivery, last_turn=last_turn)
        await work.session.flush()
        told[0].mend, told[0].delivery_id = Mend.LINED_UP, sent.id
    if judged.kind is Kind.DUPLICATE:
        retires = bool(judged.surplus) and compared.manifest.retire is not None
        for each in told:
            each.mend = Mend.RETIRING if retires else Mend.NONE
        return
    compared.run.mended += 1


def _adopt(work: UnitOfWork, row: RemoteRecord, theirs: Side) -> None:
    """Remember theirs as it stands, so that the next write replaces just that version."""
    if theirs.remote_id is not None:
        row.remote_id = theirs.remote_id
    row.etag = theirs.etag
    if theirs.revision is not None and theirs.revision != row.revision:
        row.revision, row.digest = theirs.revision, theirs.digest
    row.seen_at = work.now


def _tell(
    work: UnitOfWork, compared: Compared, row: RemoteRecord, judged: Judged
) -> list[Discrepancy]:
    """What the report says: of doubles a line for each record too many."""
    lines = judged.surplus or (judged.theirs,)
    told = [
        Discrepancy(
            organisation_id=compared.run.organisation_id,
            reconciliation_id=compared.run.id,
            kind=judged.kind,
            record_key=row.record_key,
            stream=row.stream,
            remote_id=side.remote_id if side else row.remote_id,
            our_revision=row.revision,
            their_revision=side.revision if side else None,
            detail=judged.told,
            mend=Mend.NONE,
            created_at=work.now,
        )
        for side in lines
    ]
    work.session.add_all(told)
    return told


def _count(compared: Compared, kind: Kind, by: int) -> None:
    setattr(compared.run, kind.value, getattr(compared.run, kind.value) + by)
