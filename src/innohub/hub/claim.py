"""Takes up lanes: fairly between suppliers, each by one worker at a time.

A claim sets a lease and raises the fence. While a lane is held its `next_at` is the end of the
lease, so that held lanes drop out of the index that claims walk, and come back by themselves when
their owner died.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from innohub.hub.models import SENDING, Connection, Lane, LaneState


@dataclass(frozen=True)
class Claimed:
    """A lane held under `fence`."""

    lane_id: int
    organisation_id: int
    connection_id: int
    stream: str
    fence: int


async def claim(
    session: AsyncSession,
    *,
    now: datetime,
    owner: str,
    lease: timedelta,
    count: int,
    in_flight_per_supplier: int,
) -> list[Claimed]:
    """At most `count` lanes that are due, in one statement.

    Suppliers take turns: each one's longest-waiting lane goes before anybody's second. A supplier
    never has more than `in_flight_per_supplier` lanes in hand.
    """
    held = aliased(Lane)
    in_hand = (
        select(func.count())
        .where(
            held.organisation_id == Connection.organisation_id,
            held.owner.is_not(None),
            held.lease_until > now,
        )
        .scalar_subquery()
    )
    due = (
        select(Lane.id, Lane.next_at)
        .where(Lane.connection_id == Connection.id, *_free(now))
        .order_by(Lane.next_at)
        # More than `count`: the first ones may be locked by another claim just now.
        .limit(in_flight_per_supplier)
        .lateral("due")
    )
    turn = func.row_number().over(
        partition_by=Connection.organisation_id, order_by=(due.c.next_at, due.c.id)
    )
    ranked = (
        select(due.c.id, due.c.next_at, turn.label("turn"), in_hand.label("in_hand"))
        .select_from(Connection)
        .join(due, due.c.id.is_not(None))
        .where(
            Connection.state.in_(SENDING),
            or_(Connection.paused_until.is_(None), Connection.paused_until <= now),
        )
        .subquery("ranked")
    )
    picked = (
        select(Lane.id)
        .join(ranked, ranked.c.id == Lane.id)
        # Once more: PostgreSQL judges these again on a row that changed while we got to it.
        .where(ranked.c.turn + ranked.c.in_hand <= in_flight_per_supplier, *_free(now))
        .order_by(ranked.c.turn, ranked.c.next_at, Lane.id)
        .limit(count)
        .with_for_update(of=Lane, skip_locked=True)
        .cte("picked")
    )
    take = (
        update(Lane)
        .where(Lane.id.in_(select(picked.c.id)))
        .values(owner=owner, lease_until=now + lease, next_at=now + lease, fence=Lane.fence + 1)
        .returning(Lane.id, Lane.organisation_id, Lane.connection_id, Lane.stream, Lane.fence)
        .execution_options(synchronize_session=False)
    )
    return [Claimed(*row) for row in await session.execute(take)]


async def renew(session: AsyncSession, lane: Claimed, *, now: datetime, lease: timedelta) -> bool:
    """Hold the lane for `lease` more. False where it was lost to another worker."""
    hold = (
        update(Lane)
        .where(*held_by(lane))
        .values(lease_until=now + lease, next_at=now + lease)
        .returning(Lane.id)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(hold)).first() is not None


async def release(session: AsyncSession, lane: Claimed, *, next_at: datetime) -> None:
    """Put the lane back, to be taken up again from `next_at` on. Does nothing where it was lost."""
    await session.execute(
        update(Lane)
        .where(*held_by(lane))
        .values(owner=None, lease_until=None, next_at=next_at)
        .execution_options(synchronize_session=False)
    )


def held_by(lane: Claimed) -> tuple[Any, ...]:
    """The condition of every change to a lane in hand."""
    return (Lane.id == lane.lane_id, Lane.fence == lane.fence)


def _free(now: datetime) -> tuple[Any, ...]:
    return (
        Lane.state == LaneState.READY,
        Lane.pending > 0,
        Lane.next_at <= now,
        or_(Lane.lease_until.is_(None), Lane.lease_until <= now),
    )
