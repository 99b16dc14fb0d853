"""After the award: forces call off what they committed to, others join late, and the term ends."""

from datetime import date

import structlog
from sqlalchemy import func, select

from innohub.db.unit_of_work import Database, UnitOfWork
from innohub.errors import Conflict, InnoHubError, Invalid, NotFound, WrongState
from innohub.identity.actor import SYSTEM, Actor
from innohub.identity.permissions import Permission
from innohub.market.demand import alerts
from innohub.market.demand.commands import CallOffFromPool, JoinPoolLate, RecordPricePaid
from innohub.market.demand.committing import enter
from innohub.market.demand.loading import (
    award_of,
    bargain_of,
    called_off,
    changed,
    counted_of,
    held,
    move,
    standing_of,
)
from innohub.market.demand.models import (
    BUYING,
    CallOff,
    CommitmentStrength,
    Pool,
    PoolAward,
    PoolCommitment,
    PoolState,
)
from innohub.market.demand.rules import PoolRule
from innohub.market.quotes.models import Quote
from innohub.market.quotes.pricing import vat_on
from innohub.market.working_days import in_words, london_date
from innohub.outbox.service import record

log = structlog.get_logger()


async def join_late(work: UnitOfWork, actor: Actor, command: JoinPoolLate) -> PoolCommitment:
    """Join after the award at the price that is reached, or add to what the force has.

    Raises NotFound, Denied without `pool:commit` in the force, WrongState before the award, after
    the term, or where the quote is not open to late joiners.
    """
    pool = await held(work, actor, command.pool_id)
    force_id = command.force_id or actor.only_organisation(Permission.POOL_COMMIT)
    actor.require(Permission.POOL_COMMIT, force_id)
    _, quote = await _in_term(work, pool)
    if not quote.open_to_late_joiners:
        raise WrongState(
            "The quote is not open to forces that join after the award.",
            rule=PoolRule.LATE_JOINERS_ALLOWED,
        )
    stood = (await counted_of(work, pool)).get(force_id, 0)
    line = PoolCommitment(
        pool_id=pool.id,
        force_id=force_id,
        quantity=stood + command.quantity,
        strength=CommitmentStrength.BINDING,
        withdrawn=False,
        late=True,
        note=command.note,
        created_at=work.now,
    )
    entered = await enter(work, pool, line)
    await alerts.joined_late(work, pool, quote, force_id)
    return entered


async def call_off(work: UnitOfWork, actor: Actor, command: CallOffFromPool) -> CallOff:
    """Order part of what the force has committed to, at the tier that is reached, for the whole
    term. All call-offs of a force cost together what its quantity does, to the penny.

    Raises NotFound, Denied without `pool:commit` in the force, WrongState before the award or after
    the term, Invalid for more than the force has left.
    """
    pool = await held(work, actor, command.pool_id)
    force_id = command.force_id or actor.only_organisation(Permission.POOL_COMMIT)
    actor.require(Permission.POOL_COMMIT, force_id)
    award, quote = await _in_term(work, pool)
    committed = await counted_of(work, pool)
    before = await called_off(work, pool, force_id)
    left = committed.get(force_id, 0) - before
    if command.quantity > left:
        raise Invalid(
            f"This force has {left:,} units left to call off. Join late for more.",
            field="quantity",
            rule=PoolRule.WITHIN_COMMITMENT,
        )
    bargain = await bargain_of(work, quote)
    due = bargain.call_off(committed, force_id, before, command.quantity)
    once = 0 if before else quote.setup_pence + quote.training_pence
    stood = (await standing_of(work, pool))[force_id]
    row = CallOff(
        pool_id=pool.id,
        award_id=award.id,
        force_id=force_id,
        number=await _next_number(work, pool),
        quantity=command.quantity,
        ordered_on=london_date(work.now),
        reference=command.reference,
        due_pence=due,
        once_pence=once,
        vat_pence=vat_on(due + once, quote.vat_rate),
        late=stood.late,
        paid_pence=command.paid_pence,
        paid_recorded_at=None if command.paid_pence is None else work.now,
        created_at=work.now,
    )
    work.session.add(row)
    detail = {"pool_id": pool.id, "force_id": force_id, "quantity": command.quantity,
              "due_pence": due, "paid_pence": command.paid_pence}  # fmt: skip
    await record(work, "call_off:order", row, detail=detail, event=await changed(work, pool))
    if pool.state is PoolState.AWARDED:
        await move(work, pool, "start_calling_off")
    await alerts.called_off(work, pool, quote, row)
    return row


async def record_price_paid(work: UnitOfWork, actor: Actor, command: RecordPricePaid) -> CallOff:
    """Say what was actually paid for a call-off. Raises NotFound, Denied without `pool:commit` in
    the force, Conflict on a stale revision."""
    row = await work.session.scalar(
        select(CallOff).where(CallOff.id == command.call_off_id).with_for_update()
    )
    if row is None:
        raise NotFound("There is no such call-off.")
    actor.require(Permission.POOL_COMMIT, row.force_id)
    if command.revision is not None and command.revision != row.revision:
        raise Conflict("Somebody else changed this call-off meanwhile. Load it again.")
    detail = {"from": row.paid_pence, "to": command.paid_pence}
    row.paid_pence, row.paid_recorded_at = command.paid_pence, work.now
    await record(work, "call_off:record_price_paid", row, detail=detail)
    return row


async def close(work: UnitOfWork, pool_id: int) -> Pool:
    """Close a pool whose term has ended; the hub itself does. Raises NotFound, WrongState."""
    pool = await held(work, SYSTEM, pool_id)
    award = await award_of(work, pool)
    if award is None or award.call_off_until is None or _today(work) <= award.call_off_until:
        raise WrongState("The term of this pool has not ended.", rule=PoolRule.WITHIN_TERM)
    pool.closed_at = work.now
    pool.closing_reason = f"Its term ended on {in_words(award.call_off_until)}."
    await move(work, pool, "close", detail={"by": SYSTEM.name})
    await alerts.closed(work, pool)
    return pool


async def close_pools(database: Database) -> int:
    """Close every pool whose term has ended, each in a unit of work of its own; how many there
    were."""
    today = london_date(database.clock())
    due = (
        select(Pool.id)
        .join(PoolAward, PoolAward.pool_id == Pool.id)
        .where(Pool.state.in_(list(BUYING)), PoolAward.call_off_until < today)
        .order_by(Pool.id)
    )
    async with database.session() as session:
        ids = (await session.scalars(due)).all()
    for id in ids:
        try:
            async with database.unit_of_work(SYSTEM.signature()) as work:
                await close(work, id)
        except InnoHubError as error:
            log.warning("pool_not_closed", pool_id=id, why=error.message)
    return len(ids)


async def _in_term(work: UnitOfWork, pool: Pool) -> tuple[PoolAward, Quote]:
    award = await award_of(work, pool)
    if pool.state not in BUYING or award is None or award.call_off_until is None:
        raise WrongState("This pool is not open for call-offs.", rule=PoolRule.WITHIN_TERM)
    if _today(work) > award.call_off_until:
        raise WrongState(
            f"The term of this pool ended on {in_words(award.call_off_until)}.",
            rule=PoolRule.WITHIN_TERM,
        )
    return award, await work.session.get_one(Quote, award.quote_id)


def _today(work: UnitOfWork) -> date:
    return london_date(work.now)


async def _next_number(work: UnitOfWork, pool: Pool) -> int:
    """The pool is locked, so that nobody else takes it."""
    last = await work.session.scalar(
        select(func.max(CallOff.number)).where(CallOff.pool_id == pool.id)
    )
    return (last or 0) + 1
