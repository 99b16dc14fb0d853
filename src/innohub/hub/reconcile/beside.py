"""What their system showed that the hub does not remember: records it had forgotten, as after a
backup of ours was put back, and foreign ones."""

from collections.abc import Sequence

from innohub.db.unit_of_work import UnitOfWork
from innohub.hub.models import RemoteRecord
from innohub.hub.reconcile import records
from innohub.hub.reconcile.models import Discrepancy, Kind, Mend, ShownRecord
from innohub.hub.reconcile.records import Compared

MOST_TOLD = 1_000
"""Foreign records told one by one; all are counted."""
FORGOTTEN = "The hub had no memory of this record, and takes it up as it stands."
FOREIGN = "It bears a key of the hub that was never written over this connection."
KEYLESS = "It bears no key of the hub."


async def tell(work: UnitOfWork, compared: Compared, rows: Sequence[ShownRecord]) -> None:
    session = work.session
    keys = [row.record_key for row in rows if row.record_key]
    streams = await records.streams_of(session, compared, keys)
    moving = await records.waiting(session, compared, set(streams.values()))
    seen: set[str] = set()
    for row in rows:
        stream = streams.get(row.record_key)
        if stream is None:
            _foreign(work, compared, row)
        elif row.record_key in moving or row.record_key in seen:
            compared.run.moving += 1
        else:
            seen.add(row.record_key)
            _take_up(work, compared, row, stream)


def _foreign(work: UnitOfWork, compared: Compared, row: ShownRecord) -> None:
    compared.run.foreign += 1
    if compared.run.foreign <= MOST_TOLD:
        told = FOREIGN if row.record_key else KEYLESS
        work.session.add(_line(work, compared, row, Kind.FOREIGN, told))


def _take_up(work: UnitOfWork, compared: Compared, row: ShownRecord, stream: str) -> None:
    compared.run.ahead += 1
    line = _line(work, compared, row, Kind.AHEAD, FORGOTTEN)
    line.stream = stream
    work.session.add(line)
    if compared.run.dry_run:
        return
    work.session.add(
        RemoteRecord(
            organisation_id=compared.run.organisation_id,
            connection_id=compared.run.connection_id,
            record_key=row.record_key,
            stream=stream,
            remote_id=row.remote_id or None,
            etag=row.etag,
            revision=row.revision,
            digest=row.digest,
            seen_at=work.now,
            created_at=work.now,
        )
    )
    line.mend = Mend.ADOPTED
    compared.run.mended += 1


def _line(
    work: UnitOfWork, compared: Compared, row: ShownRecord, kind: Kind, told: str
) -> Discrepancy:
    return Discrepancy(
        organisation_id=compared.run.organisation_id,
        reconciliation_id=compared.run.id,
        kind=kind,
        record_key=row.record_key or None,
        remote_id=row.remote_id or None,
        their_revision=row.revision,
        detail=told,
        mend=Mend.NONE,
        created_at=work.now,
    )
