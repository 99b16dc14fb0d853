"""A note on the pilot that a record of ours is about: of that supplier's own pilots only, and once.

Callers hold the connection's turn (`its_turn`), so that of two that come at once the second sees
the first.
"""

from enum import StrEnum

from sqlalchemy import func, select
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
    pilot_id = await _pilot_of(work.session, connection, told.key)
    if pilot_id is None:
        return Noted.NOT_OURS
    if await _said_last(work.session, connection, told):
        return Noted.SAME
    written = SupplierNote(
        organisation_id=connection.organisation_id,
        connection_id=connection.id,
        pilot_id=pilot_id,
        record_key=told.key,
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


async def _pilot_of(session: AsyncSession, connection: Connection, key: str) -> int | None:
    stream = await _stream_of(session, connection, key)
    number = stream.removeprefix(PILOT) if stream and stream.startswith(PILOT) else ""
    if not number.isdecimal():
        return None
    own = select(Pilot.id).where(
        Pilot.id == int(number), Pilot.supplier_id == connection.organisation_id
    )
    return await session.scalar(own)


async def _stream_of(session: AsyncSession, connection: Connection, key: str) -> str | None:
    """Of the record that this connection wrote under the key."""
    remembered = select(RemoteRecord.stream).where(
        RemoteRecord.connection_id == connection.id, RemoteRecord.record_key == key
    )
    stream = await session.scalar(remembered)
    if stream is not None:
        return stream
    sent = select(Delivery.stream).where(
        Delivery.connection_id == connection.id, Delivery.external_key == key
    )
    return await session.scalar(sent.limit(1))


async def _said_last(session: AsyncSession, connection: Connection, told: Told) -> bool:
    of_record = select(SupplierNote).where(
        SupplierNote.connection_id == connection.id, SupplierNote.record_key == told.key
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
    last = of_record.order_by(SupplierNote.id.desc()).limit(1)
    found = (await session.scalars(last)).one_or_none()
    if found is None:
        return False
    if told.at is not None and found.happened_at is not None:
        # A status that comes late is no longer so; a comment that does is still one.
        return told.text is None and told.at < found.happened_at
    return (found.status, found.body, found.by_name) == (told.status, told.text, told.by)
