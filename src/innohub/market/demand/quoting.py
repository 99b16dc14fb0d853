"""A supplier quotes in a pool: as it is asked, in the same unit, interval and term as others."""

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Denied, Invalid, WrongState
from innohub.identity.actor import Actor
from innohub.identity.step_up import require_recent_proof
from innohub.market.demand import alerts
from innohub.market.demand.commands import QuoteForPool
from innohub.market.demand.loading import changed, held
from innohub.market.demand.models import Pool, PoolInvitation, PoolQuote, PoolState
from innohub.market.demand.rules import PoolRule
from innohub.market.quotes.models import PriceBasis, Quote
from innohub.market.quotes.service import own_published, place
from innohub.market.working_days import in_words, london_date
from innohub.outbox.service import record

SAME = {"unit": "unit", "interval": "interval", "term_months": "term"}


async def quote(work: UnitOfWork, actor: Actor, command: QuoteForPool) -> Quote:
    """Quote, or quote anew, until the last day for it.

    Raises StepUpRequired, NotFound, Denied without `quote:write` or where the listing was not asked
    for, WrongState after the day, Invalid for terms that break a rule or do not compare with the
    others.
    """
    pool = await held(work, actor, command.pool_id)
    technology = await own_published(work, actor, command.technology_id)
    require_recent_proof(actor, work.now)
    invited = await work.session.scalar(
        select(PoolInvitation.id).where(
            PoolInvitation.pool_id == pool.id, PoolInvitation.technology_id == technology.id
        )
    )
    if invited is None:
        raise Denied("This listing was not asked for here.", rule=PoolRule.INVITED_ONLY)
    _in_time(work, pool)
    _comparable(pool, command)
    before = await work.session.scalar(
        select(Quote)
        .join(PoolQuote, PoolQuote.quote_id == Quote.id)
        .where(
            PoolQuote.pool_id == pool.id,
            Quote.technology_id == technology.id,
            Quote.superseded_at.is_(None),
            Quote.withdrawn_at.is_(None),
        )
        .with_for_update(of=Quote)
    )
    placed = await place(work, technology, command, replaces=before, pool_id=pool.id)
    row = PoolQuote(pool_id=pool.id, quote_id=placed.id, created_at=work.now)
    work.session.add(row)
    detail = {"quote_id": placed.id}
    await record(work, "pool:quote", pool, detail=detail, event=await changed(work, pool))
    await alerts.quoted(work, pool, placed, technology)
    return placed


def _in_time(work: UnitOfWork, pool: Pool) -> None:
    if pool.state is not PoolState.QUOTING or pool.quotes_by is None:
        raise WrongState("Suppliers cannot quote in this pool now.", rule=PoolRule.QUOTES_IN_TIME)
    if london_date(work.now) > pool.quotes_by:
        raise WrongState(
            f"Suppliers could quote until {in_words(pool.quotes_by)}.",
            rule=PoolRule.QUOTES_IN_TIME,
        )


def _comparable(pool: Pool, command: QuoteForPool) -> None:
    if command.price_basis is not PriceBasis.FIXED_FOR_TERM:
        raise Invalid(
            "In a pool the price is fixed for the term.",
            field="price_basis",
            rule=PoolRule.PRICE_FIXED_FOR_TERM,
        )
    for name, words in SAME.items():
        if getattr(command, name) != getattr(pool, name):
            raise Invalid(
                f"Every quote in this pool has the same {words}, so that prices compare.",
                field=name,
                rule=PoolRule.QUOTES_COMPARE,
            )
    assert pool.quotes_by is not None
    if command.valid_until <= pool.quotes_by:
        raise Invalid(
            f"It must be valid after {in_words(pool.quotes_by)}, so that forces can commit.",
            field="valid_until",
            rule=PoolRule.A_QUOTE_STANDS,
        )
