"""The short transactions around deliveries: opening the heads of lanes, and settling tries.

Both take many lanes at a time. A lane that somebody else has locked just now is left to its own
transaction, which waits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, DateTime, Integer, Text, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.rows import rows_of
from innohub.hub.claim import Claimed
from innohub.hub.conversation import Sent
from innohub.hub.engine import Exchange
from innohub.hub.heads import Head, next_heads
from innohub.hub.holding import Move, lock, move
from innohub.hub.models import (
    Attempt,
    Delivery,
    DeliveryState,
)
from innohub.hub.remembering import remember
from innohub.hub.verdict import Verdict

Heads = Mapping[int, Head | None]
"""By the ids of lanes that are held: what is to be sent next, None where the lane was put back. A
lane that is missing was lost, or locked by somebody else."""


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
    """Renew the leases, and mark the heads as being sent."""
    held = await lock(session, lanes, wait=wait)
    ours = [lane for lane in lanes if lane.lane_id in held]
    heads, moves = await next_heads(session, ours, now=now, lease=lease)
    await move(session, moves)
    return heads


async def settle(
    session: AsyncSession,
    tries: Sequence[Tried],
    *,
    now: datetime,
    lease: timedelta,
    wait: bool,
    blocks: bool = False,
) -> Heads:
    """Write down what became of the heads, and open the next ones. Of tries whose lanes are missing
    from the answer, nothing is written. `blocks`: whether a dead letter stops its lane.
    """
    held = await lock(session, [tried.lane for tried in tries], wait=wait)
    settled = await _settle_deliveries(session, [t for t in tries if t.lane.lane_id in held], now)
    ours = {tried.lane.lane_id: tried for tried in settled}
    moves = {id_: _moved(tried, now, blocks) for id_, tried in ours.items()}
    going_on = [ours[id_].lane for id_, moved in moves.items() if moved.kept]
    opened, onward = await next_heads(session, going_on, now=now, lease=lease)
    for each in onward:
        moves[each.lane_id] = replace(each, settled=moves[each.lane_id].settled)
    await move(session, list(moves.values()))
    return {id_: opened.get(id_) for id_ in ours}


def _moved(tried: Tried, now: datetime, blocks: bool) -> Move:
    """Where the lane goes by the verdict; it is kept where it may go on to the next head."""
    verdict, lane_id = tried.verdict, tried.lane.lane_id
    if not verdict.settled:
        return Move(lane_id, next_at=verdict.next_at or now)
    if blocks and verdict.state is DeliveryState.DEAD_LETTER:
        return Move(lane_id, next_at=now, settled=1, blocked_by_id=tried.head.delivery.id)
    return Move(lane_id, next_at=now, settled=1, kept=not tried.last)


async def _settle_deliveries(
    session: AsyncSession, tries: Sequence[Tried], now: datetime
) -> list[Tried]:
    """Those that were settled: a try that was settled before, its answer lost to us, is not settled
    twice."""
    if not tries:
        return []
    to = rows_of(
        "tried",
        id=(BigInteger, [each.head.delivery.id for each in tries]),
        attempts=(BigInteger, [each.head.delivery.attempts for each in tries]),
        state=(Text, [each.verdict.state.value for each in tries]),
        next_at=(DateTime(timezone=True), [each.verdict.next_at for each in tries]),
        outcome=(Text, [each.sent.outcome.kind.value for each in tries]),
        detail=(Text, [each.sent.outcome.detail for each in tries]),
        remote_id=(Text, [_remote_id(each) for each in tries]),
        settled_at=(DateTime(timezone=True), [now if t.verdict.settled else None for t in tries]),
        uncounted=(Integer, [0 if each.verdict.counts else 1 for each in tries]),
    )
    changed = (
        update(Delivery)
        .where(
            Delivery.id == to.c.id,
            Delivery.state == DeliveryState.SENDING,
            Delivery.attempts == to.c.attempts,
        )
        .values(
            state=to.c.state,
            next_at=to.c.next_at,
            outcome=to.c.outcome,
            detail=to.c.detail,
            remote_id=to.c.remote_id,
            settled_at=to.c.settled_at,
            attempts=Delivery.attempts - to.c.uncounted,
        )
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    ids = set(await session.scalars(changed))
    settled = [tried for tried in tries if tried.head.delivery.id in ids]
    await log_attempts(session, settled, now)
    for tried in settled:
        if tried.sent.memory is not None:
            await remember(session, tried.head.delivery, tried.sent.memory, now=now)
    return settled


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
        await session.execute(insert(Attempt), rows)


def _attempt(delivery: Delivery, exchange: Exchange, now: datetime) -> dict[str, Any]:
    return {
        "organisation_id": delivery.organisation_id,
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
