"""The heads of lanes in hand, found and marked as being sent: many lanes in a few statements."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, BindParameter, bindparam, select, true, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.hub.claim import Claimed
from innohub.hub.contract import OutcomeClass
from innohub.hub.holding import Move
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
_first = (
    select(Delivery.id, Delivery.state)
    .where(
        Delivery.connection_id == Lane.connection_id,
        Delivery.stream == Lane.stream,
        Delivery.state.in_(_WAITING),
    )
    .order_by(Delivery.turn, Delivery.id)
    .limit(1)
    .lateral("first")
)
_FIRST = (
    select(Lane.id, _first.c.id, _first.c.state).join(_first, true()).where(Lane.id == _IDS.any_())
)
_MARK = (
    update(Delivery)
    .where(Delivery.id == _IDS.any_(), Event.id == Delivery.event_id)
    .values(state=DeliveryState.SENDING, attempts=Delivery.attempts + 1, next_at=None)
    .returning(Delivery, Event)
    .execution_options(synchronize_session=False)
)


@dataclass(frozen=True)
class Head:
    """The delivery at the front of a lane, marked as being sent, with all that sending needs."""

    delivery: Delivery
    event: Event
    connection: Connection


async def next_heads(
    session: AsyncSession, lanes: Sequence[Claimed], *, now: datetime, lease: timedelta
) -> tuple[dict[int, Head | None], list[Move]]:
    """The head of each lane, by the lane's id, marked as being sent; None where there is nothing to
    send. And where the lanes go: to be moved by the caller, who has locked them.
    """
    connections = await _connections(session, lanes)
    free, moves = [], []
    for lane in lanes:
        until = _shut_until(connections[lane.connection_id], now)
        if until is None:
            free.append(lane)
        else:
            moves.append(Move(lane.lane_id, next_at=until))
    found = await _marked(session, free, connections, now)
    heads: dict[int, Head | None] = {lane.lane_id: found.get(lane.lane_id) for lane in lanes}
    for lane in free:
        if heads[lane.lane_id] is None:
            # Nothing waits: the count is set right, should it say otherwise.
            moves.append(Move(lane.lane_id, next_at=now, drained=True))
        else:
            moves.append(Move(lane.lane_id, next_at=now + lease, kept=True))
    return heads, moves


def _shut_until(connection: Connection, now: datetime) -> datetime | None:
    """Until when the connection takes nothing; None where it does. One that was stopped opens its
    lanes itself when it is set going."""
    if connection.state not in SENDING:
        return now
    if connection.paused_until is not None and connection.paused_until > now:
        return connection.paused_until
    return None


async def _connections(session: AsyncSession, lanes: Iterable[Claimed]) -> dict[int, Connection]:
    ids = {lane.connection_id for lane in lanes}
    rows = await session.scalars(
        select(Connection).where(Connection.id.in_(ids)).execution_options(populate_existing=True)
    )
    return {row.id: row for row in rows}


async def _marked(
    session: AsyncSession,
    lanes: Sequence[Claimed],
    connections: Mapping[int, Connection],
    now: datetime,
) -> dict[int, Head]:
    if not lanes:
        return {}
    firsts = await session.execute(_FIRST, {"ids": [lane.lane_id for lane in lanes]})
    of_lane, interrupted = {}, set()
    for lane_id, delivery_id, state in firsts:
        of_lane[delivery_id] = lane_id
        if state is DeliveryState.SENDING:
            interrupted.add(delivery_id)
    if not of_lane:
        return {}
    heads = {}
    for delivery, event in await session.execute(_MARK, {"ids": list(of_lane)}):
        heads[of_lane[delivery.id]] = Head(delivery, event, connections[delivery.connection_id])
        if delivery.id in interrupted:
            session.add(_interrupted(delivery, now))
    await session.flush()
    return heads


def _interrupted(delivery: Delivery, now: datetime) -> Attempt:
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
