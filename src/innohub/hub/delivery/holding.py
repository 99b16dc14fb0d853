"""What a worker does with lanes in hand: locks them, renews its lease, puts them where they go.

Every change is conditional on the lane's fence: what a worker does after it lost its lease is
rolled back. Locks are taken in one order: connection, lane, delivery.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Boolean, DateTime, case, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.rows import rows_of, table_of
from innohub.hub.delivery.claim import Claimed
from innohub.hub.models import Lane, LaneState

_ASKED = rows_of("asked", id=BigInteger, fence=BigInteger)
_LANE = table_of(Lane)
_HELD = (
    select(_LANE.c.id)
    .join(_ASKED, (_ASKED.c.id == _LANE.c.id) & (_ASKED.c.fence == _LANE.c.fence))
    .order_by(_LANE.c.id)
)
_LOCK = _HELD.with_for_update(of=_LANE, skip_locked=True)
_LOCK_WAITING = _HELD.with_for_update(of=_LANE)
_TO = rows_of(
    "moved",
    id=BigInteger,
    next_at=DateTime(timezone=True),
    kept=Boolean,
    settled=BigInteger,
    drained=Boolean,
    blocked_by_id=BigInteger,
).c
_MOVE = (
    update(_LANE)
    .where(_LANE.c.id == _TO.id)
    .values(
        pending=case((_TO.drained, 0), else_=_LANE.c.pending - _TO.settled),
        state=case((_TO.blocked_by_id.is_not(None), LaneState.BLOCKED), else_=LaneState.READY),
        blocked_by_id=_TO.blocked_by_id,
        owner=case((_TO.kept, _LANE.c.owner), else_=None),
        lease_until=case((_TO.kept, _TO.next_at), else_=None),
        next_at=_TO.next_at,
    )
)
"""Made once, as these are executed all the time."""


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
    asked = {
        "asked_id": [lane.lane_id for lane in lanes],
        "asked_fence": [lane.fence for lane in lanes],
    }
    found = set(await session.scalars(_LOCK_WAITING if wait else _LOCK, asked))
    missing = frozenset(lane.lane_id for lane in lanes) - found
    if missing:
        raise NotHeld(missing)


async def move(session: AsyncSession, moves: Sequence[Move]) -> None:
    """Put lanes where they go. They are locked by this transaction, and each is there once."""
    if not moves:
        return
    moved = {
        "moved_id": [each.lane_id for each in moves],
        "moved_next_at": [each.next_at for each in moves],
        "moved_kept": [each.kept for each in moves],
        "moved_settled": [each.settled for each in moves],
        "moved_drained": [each.drained for each in moves],
        "moved_blocked_by_id": [each.blocked_by_id for each in moves],
    }
    await session.execute(_MOVE, moved)


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
