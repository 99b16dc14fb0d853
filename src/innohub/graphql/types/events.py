"""What happened, as suppliers' systems hear of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import strawberry
from sqlalchemy import func, or_
from strawberry.scalars import JSON

from innohub.graphql.read.declare import Connection, Node, Row, Term, among, column, node, where
from innohub.hub import policy
from innohub.outbox.models import Event as EventRow


@node(EventRow, policy.event_visible, name="Event")
class Event(Node):
    """A fact, stored with the change that made it true. It never changes."""

    type: str = column(EventRow.type, "As in `pilot.accepted`.")
    schema_version: int = column(EventRow.schema_version, "Of the payload, for this type.")
    stream: str = column(EventRow.stream, "What it happened to: `pilot/12`, `technology/7`.")
    seq: int = column(EventRow.seq, "Counts from 1 within the stream, without gaps.")
    payload: JSON = column(EventRow.payload)
    at: datetime = column(EventRow.created_at)
    cursor: str = column(
        lambda row: _cursor(row), "Its place in `events(after:)`: where to read on from here."
    )


def _cursor(row: Row) -> Any:
    """The cursor that `paging.encode` writes, in SQL: it holds no octet that base64 has two
    alphabets for."""
    text = func.convert_to(func.concat('["",', row.position, "]"), "UTF8")
    return func.rtrim(func.encode(text, "base64"), "=")


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
