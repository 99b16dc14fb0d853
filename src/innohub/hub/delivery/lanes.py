"""The short transactions around deliveries: opening the heads of lanes, and settling tries.

Both take many lanes at a time, and lock them last: the market's own writes wait for these locks
when an event lines up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, DateTime, Integer, Text, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.rows import rows_of, table_of
from innohub.hub.connectors.engine import Exchange
from innohub.hub.delivery.claim import Claimed
from innohub.hub.delivery.conversation import Sent
from innohub.hub.delivery.heads import Head, Sending, find, mark
from innohub.hub.delivery.holding import Move, NotHeld, lock, move
from innohub.hub.delivery.remembering import remember
from innohub.hub.delivery.verdict import Verdict
from innohub.hub.models import (
    Attempt,
    Connection,
    Delivery,
    DeliveryState,
)

Heads = Mapping[int, Head | None]
"""By the ids of lanes: what is to be sent next, None where the lane was put back."""


_TO = rows_of(
    "tried",
    id=BigInteger,
    attempts=BigInteger,
    refusals=BigInteger,
    state=Text,
    next_at=DateTime(timezone=True),
    outcome=Text,
    detail=Text,
    remote_id=Text,
    settled_at=DateTime(timezone=True),
    uncounted=Integer,
).c
_DELIVERY = table_of(Delivery)
_SETTLE = (
    update(_DELIVERY)
    .where(
        _DELIVERY.c.id == _TO.id,
        _DELIVERY.c.state == DeliveryState.SENDING,
        _DELIVERY.c.attempts == _TO.attempts,
    )
    .values(
        state=_TO.state,
        next_at=_TO.next_at,
        outcome=_TO.outcome,
        detail=_TO.detail,
        remote_id=_TO.remote_id,
        settled_at=_TO.settled_at,
        attempts=_DELIVERY.c.attempts - _TO.uncounted,
        refusals=_TO.refusals,
    )
    .returning(_DELIVERY.c.id)
)


_LOG = insert(table_of(Attempt)).values(
    # Whoever's the connection is by now: its supplier may have become part of another meanwhile.
    organisation_id=select(Connection.organisation_id)
    .where(Connection.id == bindparam("over_id", type_=BigInteger))
    .scalar_subquery()
)


@dataclass(frozen=True)
class Tried:
    """A head that was sent, with what came of it."""

    lane: Claimed
    head: Head
    sent: Sent
    verdict: Verdict
    last: bool
    """The lane had its share: whatever waits in it goes to the end of the queue."""


async def open_heads(
    session: AsyncSession,
    lanes: Sequence[Claimed],
    *,
    now: datetime,
    lease: timedelta,
    wait: bool,
) -> Heads:
    """Renew the leases, and mark the heads as being sent.

    Raises NotHeld, and then nothing may be committed. `wait`: for lanes that others have locked.
    """
    found = await find(session, lanes, now)
    await lock(session, lanes, wait=wait)
    empty = found.empty(lanes)
    if empty:
        # Something may have lined up before the lock. What is empty now is so until the commit.
        later = await find(session, empty, now)
        found.first |= later.first
        found.skipped |= later.skipped
    heads = await mark(session, found, now)
    moves = {
        lane.lane_id: Move(
            lane.lane_id,
            next_at=now + lease,
            kept=True,
            settled=found.skipped.get(lane.lane_id, 0),
        )
        for lane in lanes
    }
    for lane in found.empty(lanes):
        # The count is set right, should it say otherwise.
        moves[lane.lane_id] = Move(lane.lane_id, next_at=now, drained=True)
    for lane_id, until in found.shut_until.items():
        moves[lane_id] = Move(lane_id, next_at=until)
    await move(session, list(moves.values()))
    return {lane.lane_id: heads.get(lane.lane_id) for lane in lanes}


async def settle(
    session: AsyncSession,
    tries: Sequence[Tried],
    *,
    now: datetime,
    lease: timedelta,
    wait: bool,
    blocks: bool = False,
) -> Heads:
    """Write down what became of the heads, and open the next ones. `blocks`: whether a dead letter
    stops its lane.

    Raises NotHeld, and then nothing may be committed: for a try, too, that was settled before, its
    answer lost to us.
    """
    await _settle_deliveries(session, tries, now)
    moves = {tried.lane.lane_id: _moved(tried, now, blocks) for tried in tries}
    going_on = [tried.lane for tried in tries if moves[tried.lane.lane_id].kept]
    found = await find(session, going_on, now)
    await lock(session, [tried.lane for tried in tries], wait=wait)
    heads = await mark(session, found, now)
    for lane in going_on:
        # Put back where nothing waits: should something have lined up meanwhile, it is claimed.
        id_, kept = lane.lane_id, lane.lane_id in heads
        next_at = now + lease if kept else found.shut_until.get(id_, now)
        left = moves[id_].settled + found.skipped.get(id_, 0)
        moves[id_] = replace(moves[id_], next_at=next_at, kept=kept, settled=left)
    await move(session, list(moves.values()))
    return {tried.lane.lane_id: heads.get(tried.lane.lane_id) for tried in tries}


def _moved(tried: Tried, now: datetime, blocks: bool) -> Move:
    """Where the lane goes by the verdict; it is kept where it may go on to the next head."""
    verdict, lane_id = tried.verdict, tried.lane.lane_id
    if not verdict.settled:
        return Move(lane_id, next_at=verdict.next_at or now)
    if blocks and verdict.state is DeliveryState.DEAD_LETTER:
        return Move(lane_id, next_at=now, settled=1, blocked_by_id=tried.head.delivery.id)
    return Move(lane_id, next_at=now, settled=1, kept=not tried.last)


async def _settle_deliveries(session: AsyncSession, tries: Sequence[Tried], now: datetime) -> None:
    told = {
        "tried_id": [each.head.delivery.id for each in tries],
        "tried_attempts": [each.head.delivery.attempts for each in tries],
        "tried_refusals": [each.verdict.refusals for each in tries],
        "tried_state": [each.verdict.state.value for each in tries],
        "tried_next_at": [each.verdict.next_at for each in tries],
        "tried_outcome": [each.sent.outcome.kind.value for each in tries],
        "tried_detail": [each.sent.outcome.detail for each in tries],
        "tried_remote_id": [_remote_id(each) for each in tries],
        "tried_settled_at": [now if each.verdict.settled else None for each in tries],
        "tried_uncounted": [0 if each.verdict.counts else 1 for each in tries],
    }
    ids = set(await session.scalars(_SETTLE, told))
    missing = frozenset(t.lane.lane_id for t in tries if t.head.delivery.id not in ids)
    if missing:
        raise NotHeld(missing)
    await log_attempts(session, tries, now)
    for tried in tries:
        if tried.sent.memory is not None:
            await remember(session, tried.head.delivery, tried.sent.memory, now=now)


def _remote_id(tried: Tried) -> str | None:
    learnt = tried.sent.memory
    return learnt.remote.remote_id if learnt else tried.head.delivery.remote_id


async def log_attempts(session: AsyncSession, tries: Sequence[Tried], now: datetime) -> None:
    """Add the requests of these tries to the log."""
    rows = [
        _attempt(tried.head.delivery, exchange, now)
        for tried in tries
        for exchange in tried.sent.exchanges
    ]
    if rows:
        await session.execute(_LOG, rows)


def _attempt(delivery: Sending, exchange: Exchange, now: datetime) -> dict[str, Any]:
    return {
        "over_id": delivery.connection_id,
        "connection_id": delivery.connection_id,
        "delivery_id": delivery.id,
        "number": delivery.attempts,
        "started_at": exchange.started_at,
        "ms": exchange.ms,
        "status": exchange.status,
        "outcome": exchange.outcome.kind.value,
        "detail": exchange.outcome.detail,
        "request_headers": dict(exchange.request_headers),
        "request_excerpt": exchange.request_excerpt,
        "response_excerpt": exchange.response_excerpt,
        "request_id": exchange.request_id,
        "mapping_version": exchange.mapping_version,
        "created_at": now,
    }
