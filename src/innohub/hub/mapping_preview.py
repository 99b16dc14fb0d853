"""What would be sent over a connection: its newest events, field by field. Sends nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.errors import NotFound, Problem
from innohub.hub import policy
from innohub.hub.commands import FieldExpression, PreviewMapping
from innohub.hub.connectors.expressions import NoAnswer
from innohub.hub.connectors.manifest import Connector, FieldMapping
from innohub.hub.connectors.templates import document_of, evaluated, render, values_of
from innohub.hub.delivery.requesting import request_of
from innohub.hub.mapping import mapping_of, merged
from innohub.hub.mapping_changes import entries_of, problems_of
from innohub.hub.models import Connection
from innohub.hub.samples import SHOWN, Sample, samples_for
from innohub.hub.wiring import Hub
from innohub.identity.viewer import Viewer


@dataclass(frozen=True)
class FieldShown:
    name: str
    value: Any
    """None where the field is left out, or has no answer."""
    problem: str | None


@dataclass(frozen=True)
class EventShown:
    """One event as it would arrive."""

    sample: Sample
    external_key: str
    fields: list[FieldShown]
    body: Any
    """The whole body of the request for a record that is not there yet; None where a field has no
    answer, for then nothing is sent."""


@dataclass(frozen=True)
class Preview:
    problems: list[Problem]
    """What is wrong with the rows that were given, each at its row; nothing is tried then."""
    events: list[EventShown]


async def preview_mapping(
    session: AsyncSession, viewer: Viewer, command: PreviewMapping, *, hub: Hub
) -> Preview:
    """Raises NotFound where the viewer sees no such connection."""
    found = select(Connection).where(
        Connection.id == command.connection_id, policy.visible(Connection, viewer)
    )
    connection = (await session.scalars(found)).one_or_none()
    if connection is None:
        raise NotFound("There is no such connection.", field="connection_id")
    connector = hub.registry.get(connection.connector)
    if command.fields is None:
        mapping = await mapping_of(session, connection, connector)
    else:
        problems = problems_of(command.fields, connector.mapping)
        if problems:
            return Preview(problems, [])
        mapping = _as_given(command.fields, connector)
    samples = (await samples_for(session, connection))[:SHOWN]
    return Preview([], [_shown(hub, connector, connection, mapping, sample) for sample in samples])


def _as_given(rows: Sequence[FieldExpression], connector: Connector) -> FieldMapping:
    return merged(connector.mapping, entries_of(rows, connector.mapping))


def _shown(
    hub: Hub, connector: Connector, connection: Connection, mapping: FieldMapping, sample: Sample
) -> EventShown:
    request = request_of(hub, connector, connection, sample.event)
    document = document_of(request)
    fields: list[FieldShown] = []
    for name, value in evaluated(mapping.fields, document):
        failed = isinstance(value, NoAnswer)
        fields.append(FieldShown(name, None if failed else value, str(value) if failed else None))
    body = None
    if not any(field.problem for field in fields):
        sent = {field.name: field.value for field in fields if field.value is not None}
        body = render(mapping.body, values_of(document) | {"fields": sent})
    return EventShown(sample, request.external_key, fields, body)
