"""Takes up lanes: fairly between suppliers, each by one worker at a time.

A claim sets a lease and raises the fence. While a lane is held its `next_at` is the end of the
lease, so that held lanes drop out of the index that claims walk, and come back by themselves when
their owner died.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    DateTime,
    Integer,
    Select,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningUpdate

from innohub.hub.models import SENDING, Connection, ConnectionState, Lane, LaneState

SLACK = 4
"""Looked at for each lane that is wanted: other workers may be taking the first ones just now."""


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
    asked = asking(now, owner, lease, count, in_flight_per_supplier)
    return [Claimed(*row) for row in await session.execute(CLAIM, asked)]


def asking(
    now: datetime, owner: str, lease: timedelta, count: int, in_flight_per_supplier: int
) -> dict[str, Any]:
    """The parameters of CLAIM."""
    return {
        "now": now,
        "by": owner,
        "until": now + lease,
        "wanted": count,
        "looked_at": count * SLACK,
        "each": in_flight_per_supplier,
    }


NOW = bindparam("now", type_=DateTime(timezone=True))
UNTIL = bindparam("until", type_=DateTime(timezone=True))
EACH = bindparam("each", type_=Integer)
FREE = (
    # Written out, or the index of lanes that are due would not be seen to serve.
    Lane.state == literal_column(f"'{LaneState.READY.value}'"),
    Lane.pending > literal_column("0"),
    Lane.next_at <= NOW,
    or_(Lane.lease_until.is_(None), Lane.lease_until <= NOW),
)


def _ranked() -> Select[int, datetime, int]:
    """Lanes that are due, each with its turn among its supplier's; in the order of service.

    Walks the index of each connection that sends, for a few lanes only: what lies behind them, and
    the lanes of connections that do not send, cost nothing.
    """
    held = (
        select(Lane.organisation_id, func.count().label("lanes"))
        .where(Lane.owner.is_not(None), Lane.lease_until > NOW)
        .group_by(Lane.organisation_id)
        .subquery("held")
    )
    due = (
        select(Lane.id, Lane.next_at)
        .where(Lane.connection_id == Connection.id, *FREE)
        .order_by(Lane.next_at)
        .limit(case((Connection.state == ConnectionState.FAILING, 1), else_=EACH))
        .lateral("due")
    )
    probed = exists().where(
        Lane.connection_id == Connection.id, Lane.owner.is_not(None), Lane.lease_until > NOW
    )
    turn = func.row_number().over(
        partition_by=Connection.organisation_id, order_by=(due.c.next_at, due.c.id)
    )
    turns = (
        select(due.c.id, due.c.next_at, turn.label("turn"), Connection.organisation_id)
        .select_from(Connection)
        .join(due, true())
        .where(
            Connection.state.in_(SENDING),
            or_(Connection.paused_until.is_(None), Connection.paused_until <= NOW),
            # One lane at a time probes a connection that fails.
            or_(Connection.state != ConnectionState.FAILING, ~probed),
        )
        .subquery("turns")
    )
    return (
        select(turns.c.id, turns.c.next_at, turns.c.turn)
        .outerjoin(held, held.c.organisation_id == turns.c.organisation_id)
        .where(turns.c.turn + func.coalesce(held.c.lanes, 0) <= EACH)
        .order_by(turns.c.turn, turns.c.next_at, turns.c.id)
    )


def _claim() -> ReturningUpdate[int, int, int, str, int]:
    ranked = _ranked().limit(bindparam("looked_at", type_=Integer)).subquery("ranked")
    picked = (
        select(Lane.id)
        .join(ranked, ranked.c.id == Lane.id)
        # Once more: PostgreSQL judges these again on a row that changed while we got to it.
        .where(*FREE)
        .order_by(ranked.c.turn, ranked.c.next_at, Lane.id)
        .limit(bindparam("wanted", type_=Integer))
        .with_for_update(of=Lane, skip_locked=True)
        .cte("picked")
    )
    return (
        update(Lane)
        .where(Lane.id.in_(select(picked.c.id)))
        .values(owner=bindparam("by"), lease_until=UNTIL, next_at=UNTIL, fence=Lane.fence + 1)
        .returning(Lane.id, Lane.organisation_id, Lane.connection_id, Lane.stream, Lane.fence)
        .execution_options(synchronize_session=False)
    )


CLAIM = _claim()
"""Made once: it is long, and claimed by all the time."""
