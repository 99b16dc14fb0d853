"""Forces say how much they would buy, and how firmly. The ledger only grows; the price is reckoned
from its newest lines."""

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid, WrongState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.demand import alerts
from innohub.market.demand.commands import CommitToPool, WithdrawCommitment
from innohub.market.demand.events import PoolTierReached, stream_about
from innohub.market.demand.loading import (
    award_of,
    changed,
    counted_of,
    held,
    offers_of,
    standing_of,
)
from innohub.market.demand.models import (
    MOVE_THE_PRICE,
    Pool,
    PoolCommitment,
    PoolState,
)
from innohub.market.demand.reckoning import Meter
from innohub.market.demand.rules import PoolRule
from innohub.market.demand.shares import has_agreed
from innohub.market.quotes.models import Quote
from innohub.market.quotes.service import schedules_of
from innohub.market.working_days import in_words, london_date
from innohub.outbox.service import record

COLLECTING = {PoolState.COLLECTING, PoolState.QUOTING}


async def commit(work: UnitOfWork, actor: Actor, command: CommitToPool) -> PoolCommitment:
    """Say how much a force would buy, in place of what it said before.

    Raises NotFound, Denied without `pool:commit` in the force, WrongState after the window or once
    the force has agreed to an award, Invalid for a firm quantity before there are prices.
    """
    pool = await held(work, actor, command.pool_id)
    force_id = command.force_id or actor.only_organisation(Permission.POOL_COMMIT)
    actor.require(Permission.POOL_COMMIT, force_id)
    await within_window(work, pool, force_id)
    if pool.state in COLLECTING and command.strength in MOVE_THE_PRICE:
        raise Invalid(
            "Nothing is quoted yet that a force could commit to. Give an indicative quantity.",
            field="strength",
            rule=PoolRule.FIRM_ONLY_WITH_PRICES,
        )
    line = PoolCommitment(
        pool_id=pool.id,
        force_id=force_id,
        quantity=command.quantity or 0,
        strength=command.strength,
        withdrawn=False,
        late=False,
        note=command.note,
        created_at=work.now,
    )
    return await enter(work, pool, line)


async def withdraw(work: UnitOfWork, actor: Actor, command: WithdrawCommitment) -> PoolCommitment:
    """Take a commitment back.

    Raises NotFound, Denied without `pool:commit` in the force, WrongState after the window, once
    the force has agreed to an award, or where it has committed to nothing.
    """
    pool = await held(work, actor, command.pool_id)
    force_id = command.force_id or actor.only_organisation(Permission.POOL_COMMIT)
    actor.require(Permission.POOL_COMMIT, force_id)
    await within_window(work, pool, force_id)
    stood = (await standing_of(work, pool)).get(force_id)
    if stood is None:
        raise WrongState("This force has committed to nothing here.")
    line = PoolCommitment(
        pool_id=pool.id,
        force_id=force_id,
        quantity=0,
        strength=stood.strength,
        withdrawn=True,
        late=False,
        note=command.reason,
        created_at=work.now,
    )
    return await enter(work, pool, line)


async def enter(work: UnitOfWork, pool: Pool, line: PoolCommitment) -> PoolCommitment:
    """Add a line to the ledger of a locked pool, and tell of each tier that it reaches."""
    before = sum((await counted_of(work, pool)).values())
    work.session.add(line)
    await work.session.flush()
    after = sum((await counted_of(work, pool)).values())
    detail = {
        "force_id": line.force_id, "quantity": line.quantity, "strength": line.strength,
        "withdrawn": line.withdrawn, "late": line.late, "counted": after,
    }  # fmt: skip
    verb = "withdraw" if line.withdrawn else "join_late" if line.late else "commit"
    await record(
        work, f"pool_commitment:{verb}", line, detail=detail, event=await changed(work, pool)
    )
    if after > before:
        await _tell_tiers(work, pool, before, after)
    return line


async def within_window(work: UnitOfWork, pool: Pool, force_id: int) -> None:
    """Raise WrongState where commitments are not taken, or no longer changed."""
    if pool.state not in COLLECTING | {PoolState.COMMITTING}:
        raise WrongState(
            "The window for commitments to this pool is closed.",
            rule=PoolRule.COMMIT_WITHIN_WINDOW,
        )
    if (
        pool.state is PoolState.COMMITTING
        and pool.commit_by
        and london_date(work.now) > pool.commit_by
    ):
        raise WrongState(
            f"Forces could commit until {in_words(pool.commit_by)}.",
            rule=PoolRule.COMMIT_WITHIN_WINDOW,
        )
    award = await award_of(work, pool)
    if award is not None and await has_agreed(work, award, force_id):
        raise WrongState(
            "This force has agreed to the award that is proposed, with the quantity that it has "
            "now. It can change it if another award is proposed.",
            rule=PoolRule.AGREED_STANDS,
        )


async def offers_that_count(work: UnitOfWork, pool: Pool) -> list[Quote]:
    """The quotes whose tiers matter: all that stand; from the award on, the accepted one."""
    award = await award_of(work, pool)
    if award is not None and award.awarded_at is not None:
        return [await work.session.get_one(Quote, award.quote_id)]
    return list(await offers_of(work, pool))


async def _tell_tiers(work: UnitOfWork, pool: Pool, before: int, after: int) -> None:
    offers = await offers_that_count(work, pool)
    schedules = await schedules_of(work, offers)
    for quote in offers:
        meter = Meter(schedules[quote.id], after)
        if not meter.rose_from(before) or meter.reached is None:
            continue
        event = PoolTierReached(
            stream=await stream_about(work, pool, quote.technology_id, quote.supplier_id),
            supplier_id=quote.supplier_id,
            pool_id=pool.id,
            pool_title=pool.title,
            quote_id=quote.id,
            tier_from_quantity=meter.reached.from_quantity,
            unit_price_pence=meter.reached.unit_price_pence,
            counted_quantity=after,
        )
        detail = {"quote_id": quote.id, "from_quantity": meter.reached.from_quantity}
        await record(work, "pool:reach_tier", pool, detail=detail, event=event)
        await alerts.tier_reached(work, pool, quote, meter.reached)
