"""The heads of lanes in hand, found and marked as being sent: many lanes in a few statements."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Text,
    bindparam,
    cast,
    func,
    literal,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from innohub.db.rows import table_of
from innohub.hub.access.credentials import Held, of_connections
from innohub.hub.connectors.contract import OutcomeClass
from innohub.hub.delivery.claim import Claimed
from innohub.hub.models import (
    SENDING,
    WAITING,
    Attempt,
    Connection,
    Delivery,
    DeliveryState,
    Lane,
)
from innohub.outbox.models import Event

_IDS = bindparam("ids", type_=ARRAY(BigInteger))
_WAITING: BindParameter[DeliveryState] = bindparam(
    "waiting", WAITING, expanding=True, literal_execute=True
)
"""Written into the statement, or the index of what waits would not be seen to serve it."""
_LANE, _DELIVERY, _EVENT = (table_of(each).c for each in (Lane, Delivery, Event))
_first = (
    select(_DELIVERY.id, _DELIVERY.state)
    .where(
        _DELIVERY.connection_id == _LANE.connection_id,
        _DELIVERY.stream == _LANE.stream,
        _DELIVERY.state.in_(_WAITING),
    )
    .order_by(_DELIVERY.turn, _DELIVERY.id)
    .limit(1)
    .lateral("first")
)
_FIRST = (
    select(_LANE.id, _first.c.id, _first.c.state)
    .join(_first, true())
    .where(_LANE.id == _IDS.any_())
)
_CONNECTIONS = (
    select(Connection).where(Connection.id == _IDS.any_()).execution_options(populate_existing=True)
)
_MARK = (
    update(table_of(Delivery))
    .where(_DELIVERY.id == _IDS.any_(), _EVENT.id == _DELIVERY.event_id)
    .values(state=DeliveryState.SENDING, attempts=_DELIVERY.attempts + 1, next_at=None)
    .returning(
        _DELIVERY.id,
        _DELIVERY.organisation_id,
        _DELIVERY.connection_id,
        _DELIVERY.attempts,
        _DELIVERY.refusals,
        _DELIVERY.remote_id,
        _DELIVERY.external_key,
        _EVENT.stream,
        _EVENT.seq,
        _EVENT.type,
        _EVENT.schema_version,
        _EVENT.created_at,
        _EVENT.payload,
        _EVENT.traceparent,
    )
)


class Sending(NamedTuple):
    """A delivery that is being sent, with its event: what of both a try needs. Rows in place of
    entities, which cost as much as the sending itself."""

    id: int
    organisation_id: int
    connection_id: int
    attempts: int
    """Counting this one."""
    refusals: int
    """Not counting this one."""
    remote_id: str | None
    external_key: str
    stream: str
    seq: int
    type: str
    schema_version: int
    created_at: datetime
    """The event's."""
    payload: dict[str, Any]
    traceparent: str | None = None
    """Of the request that recorded the event."""


@dataclass(frozen=True)
class Head:
    """The delivery at the front of a lane, marked as being sent, with all that sending needs."""

    delivery: Sending
    connection: Connection
    held: Held
    """The connection's credentials, as they stood when the head was marked."""


@dataclass
class Found:
    """What is at the front of lanes, by their ids: looked up, and not yet marked."""

    first: dict[int, tuple[int, DeliveryState]] = field(default_factory=dict)
    """The first delivery that waits, and its state."""
    shut_until: dict[int, datetime] = field(default_factory=dict)
    """Lanes whose connections take nothing now."""
    connections: dict[int, Connection] = field(default_factory=dict)
    held: Mapping[int, Held] = field(default_factory=dict)
    """The credentials of each connection."""
    skipped: dict[int, int] = field(default_factory=dict)
    """How many deliveries of the lane a newer one made needless."""

    def empty(self, lanes: Sequence[Claimed]) -> list[Claimed]:
        """Those that are open and in which nothing waits."""
        return [
            lane
            for lane in lanes
            if lane.lane_id not in self.first and lane.lane_id not in self.shut_until
        ]


async def find(session: AsyncSession, lanes: Sequence[Claimed], now: datetime) -> Found:
    """What is at the front of the lanes. Locks nothing."""
    found = Found()
    if not lanes:
        return found
    found.connections = await _connections(session, lanes)
    open_ones = []
    for lane in lanes:
        until = _shut_until(found.connections[lane.connection_id], now)
        if until is None:
            open_ones.append(lane.lane_id)
        else:
            found.shut_until[lane.lane_id] = until
    if open_ones:
        found.held = await of_connections(session, found.connections)
        found.skipped = await _skip_older(session, open_ones, found.connections, now)
        rows = await session.execute(_FIRST, {"ids": open_ones})
        found.first = {lane_id: (delivery_id, state) for lane_id, delivery_id, state in rows}
    return found


async def _skip_older(
    session: AsyncSession,
    lane_ids: Sequence[int],
    connections: Mapping[int, Connection],
    now: datetime,
) -> dict[int, int]:
    """Where only the newest is wanted: settle what a newer event of the same type in the same
    stream makes needless. One that may have been sent before, or is sent again, stays."""
    if not any(connection.newest_only for connection in connections.values()):
        return {}
    newer = aliased(Delivery)
    newest = (
        select(func.max(newer.seq))
        .where(
            newer.connection_id == Delivery.connection_id,
            newer.stream == Delivery.stream,
            newer.event_type == Delivery.event_type,
            newer.state.in_(_WAITING),
            newer.replay_of_id.is_(None),
        )
        .scalar_subquery()
    )
    needless = (
        update(Delivery)
        .where(
            Lane.id.in_(lane_ids),
            Connection.id == Lane.connection_id,
            Connection.newest_only,
            Delivery.connection_id == Lane.connection_id,
            Delivery.stream == Lane.stream,
            Delivery.state.in_(_WAITING),
            Delivery.attempts == 0,
            Delivery.replay_of_id.is_(None),
            Delivery.seq < newest,
        )
        .values(
            state=DeliveryState.SKIPPED_BY_POLICY,
            settled_at=now,
            next_at=None,
            detail=literal("A newer event says all of it: number ") + cast(newest, Text) + ".",
        )
        .returning(Lane.id)
        .execution_options(synchronize_session=False)
    )
    return Counter(await session.scalars(needless))


async def mark(session: AsyncSession, found: Found, now: datetime) -> dict[int, Head]:
    """The heads, by their lanes' ids, marked as being sent. The lanes are locked by the caller."""
    if not found.first:
        return {}
    lane_of = {delivery_id: lane_id for lane_id, (delivery_id, _) in found.first.items()}
    heads = {}
    for row in await session.execute(_MARK, {"ids": list(lane_of)}):
        delivery = Sending._make(row)
        lane_id = lane_of[delivery.id]
        connection_id = delivery.connection_id
        connection, held = found.connections[connection_id], found.held[connection_id]
        heads[lane_id] = Head(delivery, connection, held)
        if found.first[lane_id][1] is DeliveryState.SENDING:
            session.add(_interrupted(delivery, now))
    await session.flush()
    return heads


def _shut_until(connection: Connection, now: datetime) -> datetime | None:
    """Until when the connection takes nothing; None where it does. One that was stopped opens its
    lanes itself when it is set going."""
    if connection.state not in SENDING:
        return now
    if connection.paused_until is not None and connection.paused_until > now:
        return connection.paused_until
    return None


async def _connections(session: AsyncSession, lanes: Iterable[Claimed]) -> dict[int, Connection]:
    ids = list({lane.connection_id for lane in lanes})
    rows = await session.scalars(_CONNECTIONS, {"ids": ids})
    return {row.id: row for row in rows}


def _interrupted(delivery: Sending, now: datetime) -> Attempt:
    row: dict[str, Any] = {
        "organisation_id": delivery.organisation_id,
        "connection_id": delivery.connection_id,
        "delivery_id": delivery.id,
        # The one before this one.
        "number": delivery.attempts - 1,
        "started_at": now,
        "ms": 0,
        "status": None,
        "outcome": OutcomeClass.UNKNOWN,
        "detail": "The worker stopped before it noted an answer. "
        "It is sent again under its old key.",
        "request_headers": {},
        "request_excerpt": "",
        "response_excerpt": "",
        "request_id": "",
        "created_at": now,
    }
    return Attempt(**row)
