"""The short transactions around one delivery: opening the head of a lane, and settling it.

Locks are taken in one order, connection, lane, delivery, and every change is conditional on the
lane's fence: what a worker does after it lost its lease is rolled back.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import structlog
from sqlalchemy import ColumnElement, Table, case, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.hub.claim import Claimed, held_by, release, renew
from innohub.hub.contract import Outcome, OutcomeClass
from innohub.hub.conversation import Sent
from innohub.hub.engine import Exchange
from innohub.hub.models import (
    SENDING,
    WAITING,
    Attempt,
    Connection,
    ConnectionState,
    Delivery,
    DeliveryState,
    Lane,
    LaneState,
    PoisonPolicy,
)
from innohub.hub.verdict import Verdict
from innohub.outbox.models import Event

log = structlog.get_logger()

FAILING_AFTER = 5
"""So many failures in a row mark a connection as failing, and open its breaker."""
PROBE_SECONDS = 10.0
LONGEST_PROBE_SECONDS = 300.0
"""A failing connection is tried again after 10 s, 20 s, … at most five minutes; by one lane."""
UNREACHED = (OutcomeClass.RETRY, OutcomeClass.UNKNOWN)
"""Failures of the system as a whole. A record that it refuses says nothing of the next one."""


class LaneLost(Exception):
    """Another worker took the lane up: our lease had ended."""


@dataclass(frozen=True)
class Head:
    """The delivery at the front of a lane, marked as being sent, with all that sending needs."""

    delivery: Delivery
    event: Event
    connection: Connection


@dataclass(frozen=True)
class Settled:
    """A delivery as it now stands, and whether its lane may go on to the next."""

    delivery: Delivery
    goes_on: bool


async def open_head(
    session: AsyncSession, lane: Claimed, *, now: datetime, lease: timedelta
) -> Head | None:
    """Renew the lease and mark the head as being sent; None, and the lane put back, where there is
    nothing to send. Raises LaneLost."""
    if not await renew(session, lane, now=now, lease=lease):
        raise LaneLost
    connection = await session.get_one(Connection, lane.connection_id, populate_existing=True)
    if connection.state not in SENDING:
        await release(session, lane, next_at=now)
        return None
    if connection.paused_until is not None and connection.paused_until > now:
        await release(session, lane, next_at=connection.paused_until)
        return None
    head = (
        select(Delivery, Event)
        .join(Event, Event.id == Delivery.event_id)
        .where(
            Delivery.connection_id == lane.connection_id,
            Delivery.stream == lane.stream,
            Delivery.state.in_(WAITING),
        )
        .order_by(Delivery.turn, Delivery.id)
        .limit(1)
    )
    found = (await session.execute(head)).first()
    if found is None:
        await _drained(session, lane, now)
        return None
    delivery, event = found
    if delivery.state is DeliveryState.SENDING:
        session.add(_interrupted(delivery, now))
    delivery.state = DeliveryState.SENDING
    delivery.attempts += 1
    delivery.next_at = None
    await session.flush()
    return Head(delivery, event, connection)


async def settle(
    session: AsyncSession,
    lane: Claimed,
    head: Head,
    sent: Sent,
    verdict: Verdict,
    *,
    now: datetime,
) -> Settled:
    """Write down what became of the head. Raises LaneLost, and then nothing may be committed."""
    outcome = sent.outcome
    goes_on = await _move_lane(session, lane, head, verdict)
    delivery = await session.get_one(Delivery, head.delivery.id)
    delivery.state = verdict.state
    delivery.next_at = verdict.next_at
    delivery.outcome = outcome.kind
    delivery.detail = outcome.detail
    if sent.memory is not None:
        delivery.remote_id = sent.memory.remote.remote_id
    if verdict.settled:
        delivery.settled_at = now
    session.add_all(attempt(delivery, exchange, now) for exchange in sent.exchanges)
    if not verdict.counts:
        delivery.attempts -= 1
    await session.flush()
    if not goes_on:
        await release(session, lane, next_at=verdict.next_at or now)
    return Settled(delivery, goes_on)


async def _move_lane(session: AsyncSession, lane: Claimed, head: Head, verdict: Verdict) -> bool:
    """Count the head out of its lane, or block the lane. Whether the lane may go on."""
    blocks = False
    if verdict.state is DeliveryState.DEAD_LETTER:
        # Asked now, under a lock: the supplier may have changed it while we sent.
        chosen = select(Connection.poison_policy).where(Connection.id == lane.connection_id)
        policy = await session.scalar(chosen.with_for_update(read=True))
        blocks = policy is PoisonPolicy.BLOCK
    changed = (
        update(Lane)
        .where(*held_by(lane))
        .values(
            pending=Lane.pending - (1 if verdict.settled else 0),
            state=LaneState.BLOCKED if blocks else LaneState.READY,
            blocked_by_id=head.delivery.id if blocks else None,
        )
        .returning(Lane.id)
        .execution_options(synchronize_session=False)
    )
    if (await session.execute(changed)).first() is None:
        raise LaneLost
    return verdict.settled and not blocks


def attempt(delivery: Delivery, exchange: Exchange, now: datetime) -> Attempt:
    """The log's row for one exchange."""
    return Attempt(
        organisation_id=delivery.organisation_id,
        connection_id=delivery.connection_id,
        delivery_id=delivery.id,
        number=delivery.attempts,
        started_at=exchange.started_at,
        ms=exchange.ms,
        status=exchange.status,
        outcome=exchange.outcome.kind,
        detail=exchange.outcome.detail,
        request_headers=dict(exchange.request_headers),
        request_excerpt=exchange.request_excerpt,
        response_excerpt=exchange.response_excerpt,
        request_id=exchange.request_id,
        mapping_version=exchange.mapping_version,
        created_at=now,
    )


async def note_health(
    session: AsyncSession, head: Head, outcome: Outcome, verdict: Verdict, now: datetime
) -> None:
    """Count failures in a row, and leave the connection alone for as long as the system asks, or
    the breaker: a failing one is probed by a single lane at growing intervals.

    In a transaction of its own: every lane of the connection writes this row, and none should
    wait for what another settles. Written past the ORM: none of it is a revision.
    """
    table = cast(Table, Connection.__table__)
    changed = update(table).where(table.c.id == head.connection.id)
    if outcome.kind is OutcomeClass.OK:
        if outcome.rest_seconds:
            until = now + timedelta(seconds=outcome.rest_seconds)
            await session.execute(
                changed.values(paused_until=func.greatest(table.c.paused_until, until))
            )
        mended = case(
            (table.c.state == ConnectionState.FAILING, ConnectionState.ACTIVE),
            else_=table.c.state,
        )
        await session.execute(
            changed.where(table.c.consecutive_failures > 0).values(
                consecutive_failures=0, state=mended
            )
        )
        return
    failures = table.c.consecutive_failures + 1
    broken = case(
        (
            (table.c.state == ConnectionState.ACTIVE) & (failures >= FAILING_AFTER),
            ConnectionState.FAILING,
        ),
        else_=table.c.state,
    )
    # greatest() passes over NULLs: the longest pause that was asked for holds.
    pauses: list[Any] = [table.c.paused_until, verdict.leave_alone_until]
    if outcome.kind in UNREACHED:
        pauses.append(_probe_at(failures, now))
    await session.execute(
        changed.values(
            consecutive_failures=failures, state=broken, paused_until=func.greatest(*pauses)
        )
    )


def _probe_at(failures: ColumnElement[int], now: datetime) -> ColumnElement[datetime | None]:
    """When the breaker lets one lane try again; null while it is closed."""
    doublings = func.least(failures - FAILING_AFTER, 16)
    seconds = func.least(PROBE_SECONDS * func.power(2, doublings), LONGEST_PROBE_SECONDS)
    moment = literal(now) + func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    return case((failures >= FAILING_AFTER, moment), else_=None)


async def _drained(session: AsyncSession, lane: Claimed, now: datetime) -> None:
    """Nothing waits: set the count right, should it say otherwise, and put the lane back."""
    await session.execute(
        update(Lane)
        .where(*held_by(lane))
        .values(pending=0)
        .execution_options(synchronize_session=False)
    )
    await release(session, lane, next_at=now)


def _interrupted(delivery: Delivery, now: datetime) -> Attempt:
    return Attempt(
        organisation_id=delivery.organisation_id,
        connection_id=delivery.connection_id,
        delivery_id=delivery.id,
        number=delivery.attempts,
        started_at=now,
        ms=0,
        status=None,
        outcome=OutcomeClass.UNKNOWN,
        detail="The worker stopped before it noted an answer. It is sent again under its old key.",
        request_headers={},
        request_excerpt="",
        response_excerpt="",
        request_id="",
        created_at=now,
    )
