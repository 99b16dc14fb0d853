"""The catalogue of events, for the developers of suppliers' systems."""

import strawberry
from strawberry.scalars import JSON

from innohub.hub.event_catalogue import catalogue


@strawberry.type(description="A type of event: what its payload holds.")
class EventType:
    name: str = strawberry.field(description="As in `pilot.accepted`.")
    family: str = strawberry.field(description="As in `pilot`, of which `pilot.*` asks for all.")
    title: str
    description: str
    schema_version: int
    payload_schema: JSON = strawberry.field(description="JSON Schema, draft 2020-12.")
    example: JSON = strawberry.field(description="A payload; invented.")


def event_types_of(family: str | None = None) -> list[EventType]:
    return [
        EventType(
            name=one.name,
            family=one.family,
            title=one.title,
            description=one.description,
            schema_version=one.schema_version,
            payload_schema=JSON(one.payload_schema),
            example=JSON(one.example),
        )
        for one in catalogue()
        if family is None or one.family == family
    ]
