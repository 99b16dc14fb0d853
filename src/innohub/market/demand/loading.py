"""Pools and what belongs to them, as the actor may see it, locked for a change.

Every change of a pool holds its row until it is stored: of two forces that commit at once the
second reads what the first has stored, so that both count, once.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, true

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, NotFound
from innohub.identity.actor import Actor, ActorKind
from innohub.identity.models import Organisation
from innohub.identity.viewer import Viewer
from innohub.market.demand import policy
from innohub.market.demand.events import PoolChanged, stream_of
from innohub.market.demand.models import (
    BOUND,
    MOVE_THE_PRICE,
    POOL,
    CallOff,
    CommitmentStrength,
    Pool,
    PoolAward,
    PoolCommitment,
    PoolInvitation,
    PoolQuote,
)
from innohub.market.demand.reckoning import Bargain
from innohub.market.quotes.models import Quote
from innohub.market.quotes.policy import stands
from innohub.market.quotes.service import schedules_of
from innohub.market.working_days import london_date
from innohub.outbox.service import record


async def held(work: UnitOfWork, actor: Actor, pool_id: int, revision: int | None = None) -> Pool:
    """The pool, its row locked until the end of the unit of work. The hub itself sees every pool.

    Raises NotFound where the actor may not see it, Conflict on a stale revision.
    """
    is_hub = actor.kind is ActorKind.SYSTEM
    visible = true() if is_hub else policy.visible(Pool, Viewer(actor))
    pool = await work.session.scalar(
        select(Pool)
        .where(Pool.id == pool_id, visible)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if pool is None:
        raise NotFound("There is no such pool.")
    if revision is not None and revision != pool.revision:
        raise Conflict("Somebody else changed this pool meanwhile. Load it again.")
    return pool


async def move(
    work: UnitOfWork,
    pool: Pool,
    verb: str,
    *,
    reason: str | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Take the machine's step `verb`, and record it. Raises WrongState where it is not allowed."""
    before = pool.state
    pool.state = POOL.after(verb, before)
    moved = {"from": before, "to": pool.state} | (detail or {})
    event = await changed(work, pool)
    await record(work, f"pool:{verb}", pool, detail=moved, reason=reason, event=event)


async def changed(work: UnitOfWork, pool: Pool) -> PoolChanged:
    """What whoever watches the pool is told: that it is worth reading again."""
    counted = await counted_of(work, pool)
    return PoolChanged(
        stream=stream_of(pool),
        pool_id=pool.id,
        pool_title=pool.title,
        pool_state=pool.state,
        counted_quantity=sum(counted.values()),
    )


async def standing_of(work: UnitOfWork, pool: Pool) -> dict[int, PoolCommitment]:
    """Where each force stands: the newest line of its ledger, but for those that withdrew."""
    newest = (
        select(func.max(PoolCommitment.id))
        .where(PoolCommitment.pool_id == pool.id)
        .group_by(PoolCommitment.force_id)
    )
    rows = await work.session.scalars(
        select(PoolCommitment)
        .where(PoolCommitment.id.in_(newest), ~PoolCommitment.withdrawn)
        .order_by(PoolCommitment.force_id)
    )
    return {row.force_id: row for row in rows}


async def counted_of(work: UnitOfWork, pool: Pool) -> dict[int, int]:
    """The quantities by force that move the price: from the award on, the binding ones alone."""
    strengths = {CommitmentStrength.BINDING} if pool.state in BOUND else MOVE_THE_PRICE
    return quantities(await standing_of(work, pool), strengths)


def quantities(
    standing: Mapping[int, PoolCommitment], strengths: set[CommitmentStrength]
) -> dict[int, int]:
    return {id: row.quantity for id, row in standing.items() if row.strength in strengths}


async def offers_of(work: UnitOfWork, pool: Pool) -> Sequence[Quote]:
    """The quotes in the pool that can be accepted today."""
    rows = await work.session.scalars(
        select(Quote)
        .join(PoolQuote, PoolQuote.quote_id == Quote.id)
        .where(PoolQuote.pool_id == pool.id, stands(Quote, london_date(work.now)))
        .order_by(Quote.id)
    )
    return rows.all()


async def asked_of(work: UnitOfWork, pool: Pool) -> set[int]:
    """Ids of the suppliers that were asked to quote."""
    asked = select(PoolInvitation.supplier_id).where(PoolInvitation.pool_id == pool.id)
    return set(await work.session.scalars(asked))


async def only_quote(work: UnitOfWork, pool_id: int) -> int:
    """The id of the one quote in a pool that can be accepted today."""
    (quote,) = await offers_of(work, await work.session.get_one(Pool, pool_id))
    return quote.id


async def award_of(work: UnitOfWork, pool: Pool) -> PoolAward | None:
    """What is proposed, or was awarded."""
    return await work.session.scalar(
        select(PoolAward).where(PoolAward.pool_id == pool.id, PoolAward.withdrawn_at.is_(None))
    )


async def bargain_of(work: UnitOfWork, quote: Quote) -> Bargain:
    return Bargain((await schedules_of(work, [quote]))[quote.id], quote.intervals)


async def called_off(work: UnitOfWork, pool: Pool, force_id: int) -> int:
    """How many units the force has called off."""
    total = await work.session.scalar(
        select(func.sum(CallOff.quantity)).where(
            CallOff.pool_id == pool.id, CallOff.force_id == force_id
        )
    )
    return int(total or 0)


async def names_of(work: UnitOfWork, ids: Sequence[int]) -> dict[int, str]:
    rows = await work.session.execute(
        select(Organisation.id, Organisation.name).where(Organisation.id.in_(ids))
    )
    return {row.id: row.name for row in rows}
