"""What a worker does with lanes in hand: locks them, renews its lease, puts them where they go.

Every change is conditional on the lane's fence: what a worker does after it lost its lease is
rolled back. Locks are taken in one order: connection, lane, delivery.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Boolean, DateTime, case, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.rows import rows_of
from innohub.hub.claim import Claimed
from innohub.hub.models import Lane, LaneState


class LaneLost(Exception):
    """Another worker took the lane up: our lease had ended."""


@dataclass(frozen=True)
class Move:
    """Where a locked lane goes after a step."""

    lane_id: int
    next_at: datetime
    """When it may be claimed again; for one that is kept, when its lease ends."""
    kept: bool = False
    """In hand, with its lease renewed; else it is put back."""
    settled: int = 0
    """So many deliveries left it."""
    drained: bool = False
    """Nothing waits in it, whatever its count says."""
    blocked_by_id: int | None = None
    """The dead letter that stops it."""


class NotHeld(Exception):
    """Some lanes were lost, or are locked by somebody else: `lane_ids`."""

    def __init__(self, lane_ids: frozenset[int]) -> None:
        self.lane_ids = lane_ids


async def lock(session: AsyncSession, lanes: Sequence[Claimed], *, wait: bool) -> None:
    """Lock lanes that are held under their fences, for the rest of the transaction.

    Raises NotHeld. Without `wait`, for those too that somebody else has locked just now: a
    transaction that locks many rows and waits for none is no part of a deadlock.
    """
    asked = rows_of(
        "asked",
        id=(BigInteger, [lane.lane_id for lane in lanes]),
        fence=(BigInteger, [lane.fence for lane in lanes]),
    )
    held = (
        select(Lane.id)
        .join(asked, (asked.c.id == Lane.id) & (asked.c.fence == Lane.fence))
        .order_by(Lane.id)
        .with_for_update(of=Lane, skip_locked=not wait)
    )
    found = set(await session.scalars(held))
    missing = frozenset(lane.lane_id for lane in lanes) - found
    if missing:
        raise NotHeld(missing)


async def move(session: AsyncSession, moves: Sequence[Move]) -> None:
    """Put lanes where they go. They are locked by this transaction, and each is there once."""
    if not moves:
        return
    to = rows_of(
        "moved",
        id=(BigInteger, [each.lane_id for each in moves]),
        next_at=(DateTime(timezone=True), [each.next_at for each in moves]),
        kept=(Boolean, [each.kept for each in moves]),
        settled=(BigInteger, [each.settled for each in moves]),
        drained=(Boolean, [each.drained for each in moves]),
        blocked_by_id=(BigInteger, [each.blocked_by_id for each in moves]),
    )
    blocks = to.c.blocked_by_id.is_not(None)
    await session.execute(
        update(Lane)
        .where(Lane.id == to.c.id)
        .values(
            pending=case((to.c.drained, 0), else_=Lane.pending - to.c.settled),
            state=case((blocks, LaneState.BLOCKED), else_=LaneState.READY),
            blocked_by_id=to.c.blocked_by_id,
            owner=case((to.c.kept, Lane.owner), else_=None),
            lease_until=case((to.c.kept, to.c.next_at), else_=None),
            next_at=to.c.next_at,
        )
        .execution_options(synchronize_session=False)
    )


async def renew(session: AsyncSession, lane: Claimed, *, now: datetime, lease: timedelta) -> bool:
    """Hold the lane for `lease` more. False where it was lost to another worker."""
    hold = (
        update(Lane)
        .where(Lane.id == lane.lane_id, Lane.fence == lane.fence)
        .values(lease_until=now + lease, next_at=now + lease)
        .returning(Lane.id)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(hold)).first() is not None
