"""A supplier quotes, and takes a quote back."""

from sqlalchemy import func, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Invalid, WrongState
from innohub.identity.actor import Actor
from innohub.identity.models import Role
from innohub.identity.permissions import Permission
from innohub.identity.step_up import require_recent_proof
from innohub.market.catalogue.models import ListingState, ListingVersion, Technology
from innohub.market.catalogue.service import visible_technology
from innohub.market.quotes.commands import SubmitQuote, Terms, WithdrawQuote
from innohub.market.quotes.events import QuoteSubmitted
from innohub.market.quotes.loading import held
from innohub.market.quotes.models import Quote, QuoteTier
from innohub.market.quotes.pricing import Schedule
from innohub.market.quotes.rules import QuoteRule, checked
from innohub.market.working_days import in_words, london_date
from innohub.notices.models import NoticeKind
from innohub.notices.service import notify_role
from innohub.outbox.service import record

GIVEN = (
    "tier_mode", "unit", "interval", "term_months", "extension_months", "price_basis",
    "index_cap_pct", "setup_pence", "training_pence", "exit_pence", "data_return", "valid_until",
    "vat_rate", "most_favoured_customer", "open_to_late_joiners",
)  # fmt: skip
"""The terms that a quote keeps as they are; the tiers have rows of their own."""


async def submit(work: UnitOfWork, actor: Actor, command: SubmitQuote) -> Quote:
    """Quote for the current version of a listing, to any force that buys by itself. The quote that
    stood before is kept, and can be accepted no longer.

    Raises NotFound, Denied without `quote:write`, StepUpRequired, Invalid for terms that break a
    rule.
    """
    technology = await own_published(work, actor, command.technology_id)
    require_recent_proof(actor, work.now)
    before = await work.session.scalar(
        select(Quote)
        .where(
            Quote.technology_id == technology.id,
            Quote.standalone,
            Quote.superseded_at.is_(None),
            Quote.withdrawn_at.is_(None),
        )
        .with_for_update()
    )
    quote = await place(work, technology, command, replaces=before)
    await notify_role(
        work,
        kind=NoticeKind.POOL,
        roles=[Role.COMMERCIAL_MANAGER],
        text=f"A price is quoted for {technology.name}, valid until {in_words(quote.valid_until)}.",
        path=f"/technologies/{technology.slug}/price",
        key=f"quote:{quote.id}:submitted",
    )
    return quote


async def own_published(work: UnitOfWork, actor: Actor, technology_id: int) -> Technology:
    """The supplier's own listing, locked, that is published now.

    Raises NotFound, Denied without `quote:write`, Invalid where it is not published.
    """
    technology = await visible_technology(work, actor, technology_id)
    actor.require(Permission.QUOTE_WRITE, technology.supplier_id)
    if technology.state is not ListingState.PUBLISHED:
        raise Invalid(
            "A price can be quoted only for a listing that is published now.",
            field="technology_id",
            rule=QuoteRule.OWN_PUBLISHED_LISTING,
        )
    return technology


async def place(
    work: UnitOfWork,
    technology: Technology,
    terms: Terms,
    *,
    replaces: Quote | None,
    pool_id: int | None = None,
) -> Quote:
    """Store the terms for the current version of a locked listing, to all or for one pool.

    Raises Invalid for terms that break a rule.
    """
    schedule, intervals = checked(terms, london_date(work.now))
    assert technology.current_version_id is not None
    version = await work.session.get_one(ListingVersion, technology.current_version_id)
    if replaces is not None:
        replaces.superseded_at = work.now
        await work.session.flush()
    quote = Quote(
        **terms.model_dump(include=set(GIVEN)),
        intervals=intervals,
        technology_id=technology.id,
        listing_version_id=version.id,
        supplier_id=technology.supplier_id,
        number=await _next_number(work, technology),
        standalone=pool_id is None,
        demonstration=technology.demonstration,
        created_at=work.now,
    )
    work.session.add(quote)
    await work.session.flush()
    work.session.add_all(_rows(work, quote, schedule))
    detail = {"technology_id": technology.id, "version": version.number, "pool_id": pool_id,
              "replaces": replaces and replaces.id}  # fmt: skip
    event = _submitted(quote, technology, version, schedule, pool_id)
    await record(work, "quote:submit", quote, detail=detail, event=event)
    return quote


async def withdraw(work: UnitOfWork, actor: Actor, command: WithdrawQuote) -> Quote:
    """Take a quote back. Raises NotFound, Denied without `quote:write`, WrongState once it is
    accepted, Conflict on a stale revision or where it can be accepted no longer anyway."""
    quote = await held(work, actor, command.quote_id, command.revision)
    actor.require(Permission.QUOTE_WRITE, quote.supplier_id)
    if quote.accepted_at is not None:
        raise WrongState(
            "This quote is accepted: forces buy at its price.", rule=QuoteRule.NOT_ACCEPTED_YET
        )
    if quote.withdrawn_at is not None or quote.superseded_at is not None:
        raise Conflict("This quote is withdrawn already, or a newer one has taken its place.")
    quote.withdrawn_at = work.now
    await record(work, "quote:withdraw", quote)
    return quote


async def _next_number(work: UnitOfWork, technology: Technology) -> int:
    """The listing is locked, so that nobody else takes it."""
    last = await work.session.scalar(
        select(func.max(Quote.number)).where(Quote.technology_id == technology.id)
    )
    return (last or 0) + 1


def _rows(work: UnitOfWork, quote: Quote, schedule: Schedule) -> list[QuoteTier]:
    return [
        QuoteTier(
            quote_id=quote.id,
            number=number,
            from_quantity=line.from_quantity,
            unit_price_pence=line.unit_price_pence,
            units_below=line.units_below,
            below_pence=line.below_pence,
            created_at=work.now,
        )
        for number, line in enumerate(schedule.lines(), start=1)
    ]


def _submitted(
    quote: Quote,
    technology: Technology,
    version: ListingVersion,
    schedule: Schedule,
    pool_id: int | None,
) -> QuoteSubmitted:
    first = schedule.tiers[0]
    return QuoteSubmitted(
        stream=f"technology/{technology.id}",
        supplier_id=technology.supplier_id,
        quote_id=quote.id,
        quote_number=quote.number,
        technology_id=technology.id,
        technology_slug=technology.slug,
        technology_name=technology.name,
        version=version.number,
        pool_id=pool_id,
        unit_price_pence=first.unit_price_pence,
        price_unit=quote.unit,
        price_interval=quote.interval,
        min_quantity=first.from_quantity,
        tier_mode=quote.tier_mode,
        tier_count=len(schedule.tiers),
        term_months=quote.term_months,
        valid_until=quote.valid_until,
    )
