"""The two sides as rows: what the hub remembers, what they showed, and what is under way."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.hub.connectors.contract import stream_key
from innohub.hub.connectors.manifest import Manifest
from innohub.hub.models import WAITING, Connection, Delivery, DeliveryState, Lane, RemoteRecord
from innohub.hub.reconcile.judging import Side
from innohub.hub.reconcile.models import Reconciliation, ShownRecord


@dataclass(frozen=True)
class Compared:
    """Whose records are compared."""

    connection: Connection
    manifest: Manifest
    run: Reconciliation

    @property
    def of_events(self) -> bool:
        return self.manifest.record == "event"

    @property
    def quiet_since(self) -> datetime:
        """What was written later, their system may have shown before or after."""
        settle = self.manifest.read.settle_seconds if self.manifest.read else 0.0
        return (self.run.started_at or self.run.created_at) - timedelta(seconds=settle)


async def remembered(
    session: AsyncSession, compared: Compared, after_id: int, limit: int
) -> list[RemoteRecord]:
    found = select(RemoteRecord).where(
        RemoteRecord.connection_id == compared.connection.id, RemoteRecord.id > after_id
    )
    ordered = found.order_by(RemoteRecord.id).limit(limit)
    return list(await session.scalars(ordered.execution_options(populate_existing=True)))


async def shown(
    session: AsyncSession, run: Reconciliation, keys: Collection[str]
) -> Mapping[str, list[Side]]:
    found = select(ShownRecord).where(
        ShownRecord.reconciliation_id == run.id, ShownRecord.record_key.in_(keys)
    )
    sides: dict[str, list[Side]] = defaultdict(list)
    for row in await session.scalars(found.order_by(ShownRecord.id)):
        sides[row.record_key].append(side_of(row))
    return sides


async def shown_beside(
    session: AsyncSession, run: Reconciliation, after_id: int, limit: int
) -> list[ShownRecord]:
    """What their system showed and the hub does not remember."""
    known = select(RemoteRecord.id).where(
        RemoteRecord.connection_id == run.connection_id,
        RemoteRecord.record_key == ShownRecord.record_key,
    )
    found = select(ShownRecord).where(
        ShownRecord.reconciliation_id == run.id, ShownRecord.id > after_id, ~known.exists()
    )
    return list(await session.scalars(found.order_by(ShownRecord.id).limit(limit)))


async def waiting(
    session: AsyncSession, compared: Compared, streams: Collection[str]
) -> frozenset[str]:
    """The keys of records that something is on its way to."""
    connection = compared.connection
    found = select(Delivery.stream, Delivery.external_key).where(
        Delivery.connection_id == connection.id,
        Delivery.stream.in_(streams),
        Delivery.state.in_(WAITING),
    )
    return frozenset(
        key if compared.of_events else stream_key(connection.keyed_by_id, stream)
        for stream, key in await session.execute(found)
    )


async def last_delivered(
    session: AsyncSession, compared: Compared, record: RemoteRecord
) -> Delivery | None:
    """The newest of its events that arrived."""
    found = select(Delivery).where(
        Delivery.connection_id == compared.connection.id,
        Delivery.stream == record.stream,
        Delivery.state == DeliveryState.DELIVERED,
    )
    if compared.of_events:
        found = found.where(Delivery.external_key == record.record_key)
    newest = found.order_by(Delivery.seq.desc(), Delivery.id.desc()).limit(1)
    return (await session.scalars(newest)).one_or_none()


async def lanes_locked(
    session: AsyncSession, connection: Connection, streams: Collection[str]
) -> dict[str, Lane]:
    """In one order; nothing is claimed or settled there until we commit."""
    found = select(Lane).where(Lane.connection_id == connection.id, Lane.stream.in_(streams))
    locked = found.order_by(Lane.id).with_for_update()
    rows = await session.scalars(locked.execution_options(populate_existing=True))
    return {lane.stream: lane for lane in rows}


async def streams_of(
    session: AsyncSession, compared: Compared, keys: Sequence[str]
) -> dict[str, str]:
    """By key the stream of each record that was lined up for this connection at some time."""
    connection = compared.connection
    if compared.of_events:
        found = select(Delivery.external_key, Delivery.stream).where(
            Delivery.connection_id == connection.id, Delivery.external_key.in_(keys)
        )
        return dict((await session.execute(found)).all())
    streams = await session.scalars(select(Lane.stream).where(Lane.connection_id == connection.id))
    all_of_them = {stream_key(connection.keyed_by_id, name): name for name in streams}
    return {key: all_of_them[key] for key in keys if key in all_of_them}


def side_of(row: ShownRecord) -> Side:
    return Side(row.remote_id or None, row.etag, row.revision, row.digest, row.copies)


def our_side(row: RemoteRecord) -> Side:
    return Side(row.remote_id, row.etag, row.revision, row.digest)
