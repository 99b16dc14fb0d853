"""Every event there is, for the developers of suppliers' systems: its name, its title, the JSON
Schema of its payload, and an example. All of it is made from the events' own declarations."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib import import_module
from typing import Any

from pydantic import TypeAdapter

from innohub.hub.event_samples import FIELDS, OF_TYPE
from innohub.outbox.disclosure import Pointer, plain
from innohub.outbox.service import ROUTING, DomainEvent

DECLARED_IN = (
    "innohub.hub.events",
    "innohub.market.assurance.events",
    "innohub.market.board.events",
    "innohub.market.catalogue.events",
    "innohub.market.challenges.events",
    "innohub.market.demand.events",
    "innohub.market.evidence.events",
    "innohub.market.pilots.events",
    "innohub.market.pilots.together.events",
    "innohub.market.quotes.events",
    "innohub.market.ratings.events",
    "innohub.market.succession.events",
)
"""By name: a process may not have loaded them all."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"
OURS = "innohub."
"""Where the hub's own events are declared; a test's are no part of the catalogue."""


@dataclass(frozen=True)
class EventType:
    name: str
    """As in `pilot.accepted`."""
    title: str
    description: str
    schema_version: int
    payload_schema: Mapping[str, Any]
    example: Mapping[str, Any]
    """A payload."""

    @property
    def family(self) -> str:
        return self.name.partition(".")[0]


@cache
def catalogue() -> tuple[EventType, ...]:
    """By name."""
    load_declarations()
    found = {kind.type: _described(kind) for kind in _declared(DomainEvent)}
    return tuple(found[name] for name in sorted(found))


@cache
def load_declarations() -> None:
    """See to it that every event of the hub's is known, whatever this process has loaded so far."""
    for module in DECLARED_IN:
        import_module(module)


@cache
def bundle() -> dict[str, Any]:
    """One JSON Schema document of all events as `events` and subscriptions give them."""
    parts: dict[str, Any] = {}
    for one in catalogue():
        parts |= one.payload_schema.get("$defs", {})
    return {
        "$schema": DIALECT,
        "title": "InnoHub events",
        "description": "An event by its type, with its payload. Fields may be added to a payload; "
        "none is taken away or changes its meaning without a new schema version.",
        "oneOf": [{"$ref": f"#/$defs/{one.name}"} for one in catalogue()],
        "$defs": parts | {one.name: _event(one) for one in catalogue()},
    }


def _event(one: EventType) -> dict[str, Any]:
    return {
        "title": one.title,
        "description": one.description,
        "type": "object",
        "properties": {
            "type": {"const": one.name},
            "schemaVersion": {"const": one.schema_version},
            "payload": {n: of for n, of in one.payload_schema.items() if n != "$defs"},
        },
        "required": ["type", "schemaVersion", "payload"],
        "examples": [
            {
                "type": one.name,
                "schemaVersion": one.schema_version,
                "payload": one.example,
            }
        ],
    }


def _declared(kind: type[DomainEvent]) -> Iterator[type[DomainEvent]]:
    for below in kind.__subclasses__():
        if hasattr(below, "type") and below.__module__.startswith(OURS):
            yield below
        yield from _declared(below)


def _described(kind: type[DomainEvent]) -> EventType:
    own = kind.__dict__.get("__doc__") or ""
    # Of a class without a text of its own, dataclass makes one of its fields.
    told = "" if own.startswith(f"{kind.__name__}(") else own
    return EventType(
        name=kind.type,
        title=kind.headline,
        description=" ".join(told.split()) or f"{kind.headline}.",
        schema_version=kind.schema_version,
        payload_schema=_schema(kind),
        example=_example(kind),
    )


def _schema(kind: type[DomainEvent]) -> dict[str, Any]:
    """Of the payload; of what may be marked SENSITIVE, or of the pointer in its place."""
    whole = _plain_schema(kind)
    if kind.pointer is DomainEvent.pointer:
        return whole
    pointer = _plain_schema(Pointer)
    pointer["properties"]["sensitive"] = {"const": True}
    whole["title"], pointer["title"] = "OFFICIAL", "Marked SENSITIVE: a pointer"
    definitions = whole.pop("$defs", {})
    either: dict[str, Any] = {"title": kind.headline, "anyOf": [whole, pointer]}
    return either | ({"$defs": definitions} if definitions else {})


def _plain_schema(kind: type[Any]) -> dict[str, Any]:
    schema = TypeAdapter(kind).json_schema(mode="serialization")
    routing = ROUTING if issubclass(kind, DomainEvent) else frozenset()
    kept = {name: of for name, of in schema["properties"].items() if name not in routing}
    # Every field is there, if only as null.
    schema |= {"properties": kept, "required": list(kept)}
    schema["title"] = getattr(kind, "headline", schema["title"])
    return schema


def _example(kind: type[DomainEvent]) -> dict[str, Any]:
    given = OF_TYPE.get(kind.type, {})
    names = [field.name for field in fields(kind) if field.name not in ROUTING]
    return {name: plain(given[name] if name in given else FIELDS[name]) for name in names}
