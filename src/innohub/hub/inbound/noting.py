"""A note on the pilot that a record of ours is about: of that supplier's own pilots only, and once.

Callers hold the connection's turn (`its_turn`), so that of two that come at once the second sees
the first.
"""

from enum import StrEnum

from sqlalchemy import Result, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.unit_of_work import UnitOfWork
from innohub.hub.inbound.models import SupplierNote
from innohub.hub.inbound.wording import Told
from innohub.hub.models import Connection, Delivery, RemoteRecord
from innohub.market.canonical import digest
from innohub.market.pilots.models import Pilot
from innohub.outbox.service import record

PILOT = "pilot/"


class Noted(StrEnum):
    """What became of what their side told."""

    NOTED = "noted"
    SAME = "nothing new"
    NOT_OURS = "no record of a pilot that this connection wrote bears this key"


async def its_turn(session: AsyncSession, connection: Connection) -> None:
    """Wait until nobody else notes for this connection; for the rest of the transaction. No row is
    locked, and so no delivery waits."""
    turn = func.pg_advisory_xact_lock(func.hashtextextended("inbound", connection.id))
    await session.execute(select(turn))


async def note(work: UnitOfWork, connection: Connection, told: Told) -> Noted:
    """Write the note, unless the last one of this record says the same."""
    record_key, stream = await _record_of(work.session, connection, told)
    pilot_id = await _pilot_of(work.session, connection, stream)
    if record_key is None or pilot_id is None:
        return Noted.NOT_OURS
    if await _said_last(work.session, connection, record_key, told):
        return Noted.SAME
    written = SupplierNote(
        organisation_id=connection.organisation_id,
        connection_id=connection.id,
        pilot_id=pilot_id,
        record_key=record_key,
        status=told.status,
        body=told.text,
        by_name=told.by,
        happened_at=told.at,
        created_at=work.now,
    )
    work.session.add(written)
    facts = {"status": told.status, "body": told.text, "by": told.by}
    detail = {"pilot": pilot_id, "connection": connection.id, "hash": digest(facts)}
    await record(work, "pilot:supplier_note", written, detail=detail)
    return Noted.NOTED


async def _pilot_of(
    session: AsyncSession, connection: Connection, stream: str | None
) -> int | None:
    number = stream.removeprefix(PILOT) if stream and stream.startswith(PILOT) else ""
    if not number.isdecimal():
        return None
    own = select(Pilot.id).where(
        Pilot.id == int(number), Pilot.supplier_id == connection.organisation_id
    )
    return await session.scalar(own)


async def _record_of(
    session: AsyncSession, connection: Connection, told: Told
) -> tuple[str | None, str | None]:
    """Key and stream of the record that this connection wrote, and that is told of."""
    remembered = select(RemoteRecord.record_key, RemoteRecord.stream).where(
        RemoteRecord.connection_id == connection.id
    )
    if told.key is None:
        theirs = remembered.where(RemoteRecord.remote_id == told.remote_id)
        return _found(await session.execute(theirs.limit(1)))
    ours = await session.execute(remembered.where(RemoteRecord.record_key == told.key))
    found = _found(ours)
    if found[0] is not None:
        return found
    sent = select(Delivery.external_key, Delivery.stream).where(
        Delivery.connection_id == connection.id, Delivery.external_key == told.key
    )
    return _found(await session.execute(sent.limit(1)))


def _found(rows: Result[str, str]) -> tuple[str | None, str | None]:
    row = rows.first()
    return (row[0], row[1]) if row else (None, None)


async def _said_last(
    session: AsyncSession, connection: Connection, record_key: str, told: Told
) -> bool:
    of_record = select(SupplierNote).where(
        SupplierNote.connection_id == connection.id, SupplierNote.record_key == record_key
    )
    if told.at is not None:
        # What is told again, perhaps after others, tells when it was.
        alike = of_record.where(
            SupplierNote.happened_at == told.at,
            SupplierNote.status.is_not_distinct_from(told.status),
            SupplierNote.body.is_not_distinct_from(told.text),
        )
        if (await session.scalars(alike.limit(1))).one_or_none() is not None:
            return True
    # Comments between two words on the status make neither of them new.
    alike_in_kind = SupplierNote.status.is_(None) == (told.status is None)
    last = of_record.where(alike_in_kind).order_by(SupplierNote.id.desc()).limit(1)
    found = (await session.scalars(last)).one_or_none()
    if found is None:
        return False
    if told.at is not None and found.happened_at is not None:
        # A status that comes late is no longer so; a comment that does is still one. A status that
        # stayed is nothing new, whatever else of the record changed.
        late = told.at < found.happened_at
        return told.text is None and (late or told.status == found.status)
    return (found.status, found.body, found.by_name) == (told.status, told.text, told.by)
