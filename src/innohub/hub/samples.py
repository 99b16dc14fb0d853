"""Events to try a connection's mapping on: the newest that it would get, the catalogue's example of
each type that has not happened yet, and the sample that anybody may have sent over it."""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.unit_of_work import utc_now
from innohub.hub.delivery.fan_out import names_for, would_carry
from innohub.hub.event_catalogue import catalogue
from innohub.hub.events import ConnectorTested, stream_of
from innohub.hub.models import Connection
from innohub.outbox.models import Event

SHOWN = 5


@dataclass(frozen=True)
class Sample:
    """An event, and whether it really happened."""

    event: Event
    happened: bool


async def recent(session: AsyncSession, connection: Connection) -> list[Sample]:
    """The newest events that the connection would get, the newest first."""
    newest = select(Event).where(would_carry(connection)).order_by(Event.position.desc())
    found = await session.scalars(newest.where(Event.position.is_not(None)).limit(SHOWN))
    return [Sample(event, happened=True) for event in found]


async def samples_for(session: AsyncSession, connection: Connection) -> list[Sample]:
    """Everything that a mapping is tried on before it counts."""
    happened = await recent(session, connection)
    seen = {sample.event.type for sample in happened}
    return [*happened, *_examples(connection, seen), _test_of(connection)]


def _examples(connection: Connection, seen: Set[str]) -> Iterator[Sample]:
    for one in catalogue():
        asked_for = set(names_for(one.name)) & set(connection.event_types)
        if one.name in seen or not asked_for or one.name == ConnectorTested.type:
            continue
        yield _sample(
            connection, one.name, one.schema_version, f"{one.family}/1", dict(one.example)
        )


def _test_of(connection: Connection) -> Sample:
    told = ConnectorTested(
        stream=stream_of(connection.id),
        supplier_id=connection.organisation_id,
        connection_id=connection.id,
    )
    return _sample(connection, told.type, told.schema_version, told.stream, told.payload())


def _sample(
    connection: Connection, name: str, schema_version: int, stream: str, payload: dict[str, Any]
) -> Sample:
    event = Event(
        stream=stream,
        seq=1,
        type=name,
        schema_version=schema_version,
        supplier_id=connection.organisation_id,
        payload=payload,
        created_at=utc_now(),
    )
    return Sample(event, happened=False)
