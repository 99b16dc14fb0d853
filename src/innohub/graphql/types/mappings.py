"""How events become records over one connection, and what would be sent."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry.scalars import JSON

from innohub.graphql.inputs import command_of, input_of
from innohub.graphql.mutations.write import Problem, wired
from innohub.graphql.read.declare import Node, Row, column, node
from innohub.graphql.types.people import name_of
from innohub.hub import commands, mapping_preview, policy
from innohub.hub import mapping as rows


@node(rows.ConnectionMapping, policy.visible, name="MappingVersion")
class MappingVersion(Node):
    """A version of a connection's own fields. The newest counts."""

    version: int = column(rows.ConnectionMapping.version)
    fields: JSON = column(
        rows.ConnectionMapping.fields,
        "`[{name, expression}]`: JMESPath over `{event, record, config}`. An empty expression "
        "leaves the connector's field of this name out.",
    )
    note: str | None = column(rows.ConnectionMapping.note)
    restores: int | None = column(
        rows.ConnectionMapping.restores, "The earlier version that this one brings back."
    )
    made_at: datetime = column(rows.ConnectionMapping.created_at)
    made_by: str | None = column(
        lambda row: name_of(row.made_by_id), "Null where an API client made it."
    )


def newest_of(connection: Row, mapping: Row) -> Any:
    """The version that counts for the connection."""
    return (mapping.connection_id == connection.id) & (
        mapping.version == connection.mapping_version
    )


@strawberry.type(description="A field of their record as it would be sent.")
class PreviewedField:
    name: str
    value: JSON | None = strawberry.field(
        description="Null where it is left out, or has no answer."
    )
    problem: str | None = strawberry.field(description="Why its expression has no answer.")


@strawberry.type(description="One event as it would arrive.")
class PreviewedEvent:
    type: str
    happened: bool = strawberry.field(description="False for a sample.")
    at: datetime
    stream: str
    seq: int
    external_key: str
    payload: JSON
    fields: list[PreviewedField]
    body: JSON | None = strawberry.field(
        description="The request's whole body, for a record that is not there yet; null where a "
        "field has no answer: nothing is sent then, and the event is given up."
    )


@strawberry.type(description="What would be sent over a connection with these fields.")
class MappingPreview:
    problems: list[Problem] = strawberry.field(
        description="What is wrong with the fields that were given; nothing is tried then."
    )
    events: list[PreviewedEvent]


async def mapping_preview_of(
    info: strawberry.Info,
    input: input_of(commands.PreviewMapping),  # type: ignore[valid-type]
) -> MappingPreview:
    """Raises NotFound, Invalid."""
    context = info.context
    command = command_of(commands.PreviewMapping, input)
    async with context.database.session() as session:
        found = await mapping_preview.preview_mapping(
            session, context.viewer, command, hub=context.hub
        )
    return MappingPreview(
        problems=wired(found.problems), events=[_event(shown) for shown in found.events]
    )


def _event(shown: mapping_preview.EventShown) -> PreviewedEvent:
    event = shown.sample.event
    return PreviewedEvent(
        type=event.type,
        happened=shown.sample.happened,
        at=event.created_at,
        stream=event.stream,
        seq=event.seq,
        external_key=shown.external_key,
        payload=JSON(event.payload),
        fields=[
            PreviewedField(name=one.name, value=one.value, problem=one.problem)
            for one in shown.fields
        ],
        body=shown.body,
    )
