"""What suppliers do with a connection's mapping: change it, and bring an earlier version back."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any, cast

from sqlalchemy import Table, update
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Invalid, NotFound, Problem
from innohub.hub.commands import FieldExpression, MapConnection, RestoreMapping
from innohub.hub.connections import own_connection
from innohub.hub.connectors.expressions import Expression, NoAnswer
from innohub.hub.connectors.manifest import Connector, FieldMapping
from innohub.hub.connectors.templates import document_of, evaluated
from innohub.hub.delivery.requesting import request_of
from innohub.hub.events import MappingChanged, stream_of
from innohub.hub.mapping import ConnectionMapping, mapping_version, merged
from innohub.hub.models import CONNECTION, Connection
from innohub.hub.samples import samples_for
from innohub.hub.wiring import Hub
from innohub.identity.actor import Actor
from innohub.outbox.service import record

Fields = list[dict[str, Any]]
OVERTAKEN = "Somebody else changed this mapping a moment ago. Load it again."


async def map_connection(
    work: UnitOfWork, actor: Actor, command: MapConnection, *, hub: Hub
) -> ConnectionMapping:
    """Add a version, which counts from now on.

    Raises NotFound, Denied, WrongState, Conflict where a newer version stands there than was seen,
    Invalid with a problem for each field whose expression does not parse, or gives no answer for
    one of the connection's events.
    """
    connection = await _open(work, actor, command)
    connector = hub.registry.get(connection.connector)
    refuse(problems_of(command.fields, connector.mapping))
    fields = entries_of(command.fields, connector.mapping)
    refuse(await _unanswered(work.session, hub, connection, connector, command.fields, fields))
    return await _add(work, connection, fields, note=command.note, restores=None)


async def restore_mapping(
    work: UnitOfWork, actor: Actor, command: RestoreMapping
) -> ConnectionMapping:
    """Bring an earlier version back, as a new one. Raises NotFound, Denied, WrongState, Conflict
    where a newer version stands there than was seen."""
    connection = await _open(work, actor, command)
    fields: Fields = []
    if command.earlier:
        earlier = await mapping_version(work.session, connection.id, command.earlier)
        if earlier is None:
            raise NotFound("There is no such version.", field="earlier")
        fields = earlier.fields
    return await _add(work, connection, fields, note=None, restores=command.earlier)


def problems_of(rows: Sequence[FieldExpression], connector: FieldMapping) -> list[Problem]:
    """What is wrong with the rows as they stand, each problem at its row."""
    return list(_faults(rows, connector))


def entries_of(rows: Sequence[FieldExpression], connector: FieldMapping) -> Fields:
    """The rows as they are kept: without blank ones, and without what the connector says itself."""
    own = {name: expression.source for name, expression in connector.fields.items()}
    return [
        {"name": row.name, "expression": row.expression}
        for row in rows
        if row.name and own.get(row.name) != row.expression
    ]


def refuse(problems: list[Problem]) -> None:
    """Raises Invalid where there are any."""
    if problems:
        raise Invalid(problems[0].message, field=problems[0].field, problems=problems)


def _faults(rows: Sequence[FieldExpression], connector: FieldMapping) -> Iterator[Problem]:
    seen: set[str] = set()
    for place, row in enumerate(rows):
        at = f"fields.{place}"
        if not row.name:
            if row.expression:
                yield Problem("Enter the name of their field.", f"{at}.name")
            continue
        if not row.name.isprintable():
            yield Problem("A field's name is one line of text.", f"{at}.name")
        elif row.name in seen:
            yield Problem(f"The field {row.name} is there twice.", f"{at}.name")
        seen.add(row.name)
        fault = _fault(row, connector)
        if fault:
            yield Problem(fault, f"{at}.expression")


def _fault(row: FieldExpression, connector: FieldMapping) -> str | None:
    if not row.expression:
        left_out = row.name in connector.fields
        return None if left_out else f"Enter an expression for the field {row.name}."
    try:
        Expression(row.expression)
    except ValueError as error:
        return f"The field {row.name}: {error}."
    return None


async def _unanswered(
    session: AsyncSession,
    hub: Hub,
    connection: Connection,
    connector: Connector,
    rows: Sequence[FieldExpression],
    fields: Fields,
) -> list[Problem]:
    """The first field without an answer, for any event that the connection gets: such an event
    would be given up."""
    mapping = merged(connector.mapping, fields)
    places = {row.name: place for place, row in enumerate(rows)}
    for sample in await samples_for(session, connection):
        document = document_of(request_of(hub, connector, connection, sample.event))
        # A connection may ask for every type there is, and a mapping may take its time.
        await asyncio.sleep(0)
        for name, value in evaluated(mapping.fields, document):
            if isinstance(value, NoAnswer):
                at = f"fields.{places[name]}.expression" if name in places else None
                of = "" if sample.happened else "the example of "
                told = f"The field {name} has no answer for {of}{sample.event.type}: {value}."
                return [Problem(told, at)]
    return []


async def _open(
    work: UnitOfWork, actor: Actor, command: MapConnection | RestoreMapping
) -> Connection:
    connection = await own_connection(work, actor, command.connection_id)
    CONNECTION.after("change", connection.state)
    if command.version is not None and command.version != connection.mapping_version:
        raise Conflict(OVERTAKEN, field="version")
    return connection


async def _add(
    work: UnitOfWork,
    connection: Connection,
    fields: Fields,
    *,
    note: str | None,
    restores: int | None,
) -> ConnectionMapping:
    version = connection.mapping_version + 1
    mapping = ConnectionMapping(
        organisation_id=connection.organisation_id,
        connection_id=connection.id,
        version=version,
        fields=fields,
        note=note,
        restores=restores,
        made_by_id=work.by.person_id,
        created_at=work.now,
    )
    work.session.add(mapping)
    # Past the mapper: a mapping is no revision of the settings, which somebody may have open.
    table = cast(Table, Connection.__table__)
    counts = update(table).where(table.c.id == connection.id).values(mapping_version=version)
    await work.session.execute(counts)
    told = {"version": version, "fields": fields, "restores": restores}
    event = MappingChanged(
        stream=stream_of(connection.id),
        supplier_id=connection.organisation_id,
        connection_id=connection.id,
        version=version,
        fields=[entry["name"] for entry in fields],
        restores=restores,
    )
    await record(work, "connection:map", connection, detail=told, reason=note, event=event)
    return mapping
