"""What happened, as suppliers' systems hear of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from sqlalchemy import BigInteger, case, cast, func, or_
from strawberry.scalars import JSON

from innohub.graphql.read import build, paging
from innohub.graphql.read.declare import (
    Connection,
    Node,
    Row,
    Term,
    among,
    column,
    either,
    node,
    where,
)
from innohub.graphql.types.board import Round
from innohub.graphql.types.catalogue import Technology
from innohub.graphql.types.pilots import Pilot
from innohub.hub import policy
from innohub.hub.events import STREAM as CONNECTION_STREAM
from innohub.outbox.models import Event as EventRow

if TYPE_CHECKING:
    from innohub.graphql.types.integrations import Integration
else:
    Integration = Annotated["Integration", strawberry.lazy("innohub.graphql.types.integrations")]

Subject = Annotated[
    Technology | Pilot | Round | Integration,
    strawberry.union("Subject", description="What an event happened to."),
]
_STREAMS = {"Integration": CONNECTION_STREAM}
"""Where a type's streams are not called by its own name."""


def subject_of(row: Row, subject: Row, kind: str) -> Any:
    """Whether the row's stream is the subject's: `pilot/12` is that of the pilot 12."""
    name = func.split_part(row.stream, "/", 1)
    number = cast(func.split_part(row.stream, "/", 2), BigInteger)
    return subject.id == case((name == _STREAMS.get(kind, kind.lower()), number))


@node(EventRow, policy.event_visible, name="Event")
class Event(Node):
    """A fact, stored with the change that made it true. It never changes."""

    type: str = column(EventRow.type, "As in `pilot.accepted`.")
    schema_version: int = column(EventRow.schema_version, "Of the payload, for this type.")
    stream: str = column(EventRow.stream, "What it happened to: `pilot/12`, `technology/7`.")
    seq: int = column(EventRow.seq, "Counts from 1 within the stream, without gaps.")
    payload: JSON = column(EventRow.payload)
    subject: Subject | None = either(
        subject_of, "What it happened to, as it is now; null where the viewer may not see it."
    )
    at: datetime = column(EventRow.created_at)
    cursor: str = column(
        lambda row: _cursor(row), "Its place in `events(after:)`: where to read on from here."
    )


def _cursor(row: Row) -> Any:
    return build.cursor(paging.held("", [row.position]))


@strawberry.input
class EventFilter:
    types: list[str] | None = where(
        lambda row, value: or_(among(row.type, value), among(_family(row), value)),
        "Names, or families as in `pilot.*`.",
    )
    stream: str | None = where(lambda row, value: row.stream == value)


def _family(row: Row) -> Any:
    return func.concat(func.split_part(row.type, ".", 1), ".*")


def is_among(type_: str, types: frozenset[str]) -> bool:
    """Whether an event of this type is named, by itself or by its family."""
    return type_ in types or f"{type_.partition('.')[0]}.*" in types


def in_order(row: Row, given: Mapping[str, Any]) -> list[Term]:
    """The oldest first, in the order of commits: what was read before stays before."""
    return [Term(row.position, unique=True)]


EventConnection = Connection[Event]
