"""The company proposes an award, each force with a binding quantity agrees, and it is made; or the
pool fails."""

import calendar
from collections.abc import Sequence
from datetime import date

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Invalid, NotFound, WrongState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.identity.step_up import require_recent_proof
from innohub.market.demand import alerts
from innohub.market.demand.commands import AgreeToAward, AwardPool, FailPool, ProposeAward
from innohub.market.demand.events import QuoteAccepted, stream_about
from innohub.market.demand.loading import (
    award_of,
    bargain_of,
    changed,
    held,
    move,
    offers_of,
    quantities,
    standing_of,
)
from innohub.market.demand.models import (
    POOL,
    CommitmentStrength,
    Pool,
    PoolAward,
    PoolShare,
)
from innohub.market.demand.reckoning import Bargain
from innohub.market.demand.routes import refuse_route
from innohub.market.demand.rules import PoolRule
from innohub.market.demand.shares import shares_of
from innohub.market.quotes.models import Quote
from innohub.market.quotes.pricing import Tier, apportion, vat_on
from innohub.market.quotes.service import schedules_of
from innohub.market.working_days import in_words, london_date
from innohub.outbox.service import record


async def propose_award(work: UnitOfWork, actor: Actor, command: ProposeAward) -> PoolAward:
    """Propose to buy at a quote, by a lawful route, what is binding now.

    Raises NotFound, Denied without `pool:run`, WrongState, Invalid for a quote that does not stand
    in the pool, a tier that the binding quantity does not reach, or a route that is not lawful for
    the sum, Conflict on a stale revision.
    """
    pool = await held(work, actor, command.pool_id, command.revision)
    actor.require(Permission.POOL_RUN)
    POOL.after("award", pool.state)
    quote = next((q for q in await offers_of(work, pool) if q.id == command.quote_id), None)
    if quote is None:
        raise Invalid("Name a quote of this pool that stands today.", field="quote_id",
                      rule=PoolRule.A_QUOTE_STANDS)  # fmt: skip
    bargain = await bargain_of(work, quote)
    binding = await _binding(work, pool)
    tier = _tier(pool, bargain, sum(binding.values()), command.tier_from_quantity)
    total = bargain.total(binding)
    vat = vat_on(total, quote.vat_rate)
    await refuse_route(work, command.route, total + vat)
    before = await award_of(work, pool)
    if before is not None:
        before.withdrawn_at = work.now
        await work.session.flush()
    award = PoolAward(
        **command.model_dump(include={"pool_id", "quote_id", "route", "route_reference", "reason"}),
        quantity=sum(binding.values()),
        tier_from_quantity=tier.from_quantity,
        unit_price_pence=tier.unit_price_pence,
        total_pence=total,
        vat_pence=vat,
        created_at=work.now,
    )
    work.session.add(award)
    await work.session.flush()
    shares, vats = bargain.shares(binding), apportion(vat, bargain.shares(binding))
    work.session.add_all(
        PoolShare(
            award_id=award.id, force_id=id, quantity=quantity, total_pence=shares[id],
            vat_pence=vats[id], created_at=work.now,
        )
        for id, quantity in binding.items()
    )  # fmt: skip
    detail = {"quote_id": quote.id, "route": command.route, "quantity": award.quantity,
              "total_pence": total}  # fmt: skip
    event = await changed(work, pool)
    await record(work, "pool_award:propose", award, detail=detail, reason=command.reason,
                 event=event)  # fmt: skip
    await alerts.award_proposed(work, pool, sorted(binding))
    return award


async def agree(work: UnitOfWork, actor: Actor, command: AgreeToAward) -> PoolAward:
    """A force with a binding quantity agrees to what is proposed. Raises NotFound, Denied without
    `pool:commit` in the force, StepUpRequired, WrongState where nothing is proposed, Conflict where
    its quantity has changed since."""
    pool = await held(work, actor, command.pool_id)
    force_id = command.force_id or actor.only_organisation(Permission.POOL_COMMIT)
    actor.require(Permission.POOL_COMMIT, force_id)
    require_recent_proof(actor, work.now)
    POOL.after("award", pool.state)
    award = await award_of(work, pool)
    if award is None:
        raise WrongState("No award is proposed yet.")
    share = next((s for s in await shares_of(work, award) if s.force_id == force_id), None)
    if share is None:
        raise NotFound("This force has no binding quantity in the award that is proposed.")
    if (await _binding(work, pool)).get(force_id) != share.quantity:
        raise Conflict("The quantity has changed since the award was proposed. Ask for a new one.")
    if share.agreed_at is not None:
        raise Conflict("This force has agreed already.")
    share.agreed_at = work.now
    detail = {"force_id": force_id, "quantity": share.quantity}
    await record(work, "pool_award:agree", award, detail=detail, event=await changed(work, pool))
    if all(one.agreed_at is not None for one in await shares_of(work, award)):
        await alerts.all_agreed(work, pool)
    return award


async def award_pool(work: UnitOfWork, actor: Actor, command: AwardPool) -> PoolAward:
    """Award it as proposed. From now on the quote is public.

    Raises NotFound, Denied without `pool:run`, StepUpRequired, WrongState where nothing is
    proposed, where a force has not agreed, where what is binding has changed or the quote stands no
    longer, Conflict on a stale revision.
    """
    pool = await held(work, actor, command.pool_id, command.revision)
    actor.require(Permission.POOL_RUN)
    require_recent_proof(actor, work.now)
    POOL.after("award", pool.state)
    award = await award_of(work, pool)
    if award is None:
        raise WrongState("Propose the award first.", rule=PoolRule.LAWFUL_ROUTE)
    shares = await shares_of(work, award)
    await _all_agree(work, pool, shares)
    quote = next((q for q in await offers_of(work, pool) if q.id == award.quote_id), None)
    if quote is None:
        raise WrongState("The quote stands no longer.", rule=PoolRule.A_QUOTE_STANDS)
    award.awarded_at = quote.accepted_at = work.now
    award.call_off_until = months_after(london_date(work.now), pool.term_months)
    detail = {"quote_id": quote.id, "route": award.route, "quantity": award.quantity}
    await move(work, pool, "award", detail=detail, reason=award.reason)
    event = await _accepted(work, pool, quote, award, len(shares))
    await record(work, "quote:accept", quote, detail={"pool_id": pool.id}, event=event)
    await alerts.awarded(work, pool, quote, award)
    return award


async def fail(work: UnitOfWork, actor: Actor, command: FailPool) -> Pool:
    """End a pool whose window closed below the least quantity. What suppliers quote to all stands.

    Raises NotFound, Denied without `pool:run`, WrongState while the window is open, or where the
    binding quantity would do, Conflict on a stale revision.
    """
    pool = await held(work, actor, command.pool_id, command.revision)
    actor.require(Permission.POOL_RUN)
    POOL.after("fail", pool.state)
    assert pool.commit_by is not None
    if london_date(work.now) <= pool.commit_by:
        raise WrongState(
            f"Forces can commit until {in_words(pool.commit_by)}.",
            rule=PoolRule.FAILS_BELOW_MINIMUM,
        )
    offers = await offers_of(work, pool)
    schedules = await schedules_of(work, offers)
    least = min((schedules[one.id].minimum for one in offers), default=None)
    binding = sum((await _binding(work, pool)).values())
    if least is not None and binding >= max(least, pool.minimum_quantity):
        raise WrongState(
            "What is binding reaches the least quantity: award the pool.",
            rule=PoolRule.FAILS_BELOW_MINIMUM,
        )
    pool.closed_at, pool.closing_reason = work.now, command.reason
    await move(work, pool, "fail", reason=command.reason, detail={"binding": binding})
    await alerts.failed(work, pool)
    return pool


async def _binding(work: UnitOfWork, pool: Pool) -> dict[int, int]:
    return quantities(await standing_of(work, pool), {CommitmentStrength.BINDING})


def _tier(pool: Pool, bargain: Bargain, binding: int, wanted: int | None) -> Tier:
    """The tier to award at. Raises Invalid where the binding quantity does not reach it."""
    schedule = bargain.schedule
    reached = schedule.reached(binding)
    least = max(schedule.minimum, pool.minimum_quantity, wanted or 0)
    if reached is None or binding < least:
        raise Invalid(
            f"{binding:,} units are binding. This award needs {least:,}.",
            field="tier_from_quantity",
            rule=PoolRule.AWARD_AT_A_QUOTED_TIER,
        )
    if wanted is not None and wanted != reached.from_quantity:
        raise Invalid(
            f"The binding quantity reaches the tier from {reached.from_quantity:,} units: award at "
            "that one.",
            field="tier_from_quantity",
            rule=PoolRule.AWARD_AT_A_QUOTED_TIER,
        )
    return reached


async def _all_agree(work: UnitOfWork, pool: Pool, shares: Sequence[PoolShare]) -> None:
    binding = await _binding(work, pool)
    if binding != {one.force_id: one.quantity for one in shares}:
        raise WrongState(
            "What is binding has changed since the award was proposed. Propose it again.",
            rule=PoolRule.EACH_FORCE_AGREES,
        )
    waiting = sum(one.agreed_at is None for one in shares)
    if waiting:
        raise WrongState(
            f"{waiting} of {len(shares)} forces with a binding quantity have not agreed yet.",
            rule=PoolRule.EACH_FORCE_AGREES,
        )


def months_after(day: date, months: int) -> date:
    """The same day of the month, or the month's last, so many months later."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


async def _accepted(
    work: UnitOfWork, pool: Pool, quote: Quote, award: PoolAward, forces: int
) -> QuoteAccepted:
    assert award.call_off_until is not None
    return QuoteAccepted(
        stream=await stream_about(work, pool, quote.technology_id, quote.supplier_id),
        supplier_id=quote.supplier_id,
        pool_id=pool.id,
        pool_title=pool.title,
        quote_id=quote.id,
        quote_number=quote.number,
        technology_id=quote.technology_id,
        quantity=award.quantity,
        force_count=forces,
        tier_from_quantity=award.tier_from_quantity,
        unit_price_pence=award.unit_price_pence,
        total_pence=award.total_pence,
        call_off_until=award.call_off_until,
    )
