"""The company opens a room, asks suppliers for quotes, and opens the window for commitments."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import aliased

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.board.models import BoardDecision, RoundItem
from innohub.market.board.policy import item_visible
from innohub.market.catalogue.models import ListingState, Technology
from innohub.market.challenges.models import Challenge
from innohub.market.challenges.policy import visible as challenge_visible
from innohub.market.demand import alerts
from innohub.market.demand.commands import AskForQuotes, OpenPool, StartCommitting
from innohub.market.demand.events import PoolQuotesAsked, stream_about
from innohub.market.demand.loading import changed, held, move, offers_of, standing_of
from innohub.market.demand.models import POOL, Pool, PoolInvitation, PoolState
from innohub.market.demand.rules import PoolRule
from innohub.market.quotes.pricing import intervals_in
from innohub.market.working_days import in_words, london_date
from innohub.outbox.service import record

SHORTLIST = {BoardDecision.SHORTLISTED, BoardDecision.RESERVE}
FORCES = 2


async def open_pool(work: UnitOfWork, actor: Actor, command: OpenPool) -> Pool:
    """Open a room in which forces say what they would buy.

    Raises Denied without `pool:run`, NotFound for a source that is not to be seen, Invalid where it
    is no listing that is published, or on no shortlist.
    """
    actor.require(Permission.POOL_RUN)
    if intervals_in(command.term_months, command.interval) is None:
        raise Invalid(
            "State the price once, or by month, quarter, six months or year, so that the term is a "
            "whole number of them.",
            field="interval",
            rule=PoolRule.QUOTES_COMPARE,
        )
    pool = Pool(
        **command.model_dump(),
        state=PoolState.COLLECTING,
        demonstration=await _demonstration(work, actor, command),
        created_at=work.now,
    )
    work.session.add(pool)
    await work.session.flush()
    event = await changed(work, pool)
    await record(work, "pool:open", pool, detail={"title": pool.title}, event=event)
    await alerts.opened(work, pool)
    return pool


async def ask_for_quotes(work: UnitOfWork, actor: Actor, command: AskForQuotes) -> Pool:
    """Ask suppliers to quote for what at least two forces want.

    Raises NotFound, Denied without `pool:run`, WrongState, Invalid where fewer forces want it,
    where a listing is not published or not on the shortlist that the pool comes of, or for a day
    that has passed, Conflict on a stale revision.
    """
    pool = await held(work, actor, command.pool_id, command.revision)
    actor.require(Permission.POOL_RUN)
    POOL.after("ask_for_quotes", pool.state)
    standing = await standing_of(work, pool)
    if len(standing) < FORCES:
        raise Invalid(
            f"At least {FORCES} forces must have said what they would buy.",
            rule=PoolRule.TWO_FORCES,
        )
    if command.quotes_by <= london_date(work.now):
        raise Invalid("Suppliers need at least until tomorrow.", field="quotes_by")
    technologies = await _published(work, pool, command.technology_ids)
    pool.quotes_by = command.quotes_by
    work.session.add_all(
        PoolInvitation(
            pool_id=pool.id,
            technology_id=one.id,
            supplier_id=one.supplier_id,
            created_at=work.now,
        )
        for one in technologies
    )
    detail = {"until": command.quotes_by, "technologies": [one.id for one in technologies]}
    await move(work, pool, "ask_for_quotes", detail=detail)
    indicative = sum(row.quantity for row in standing.values())
    for technology in technologies:
        event = await _asked(work, pool, technology, indicative)
        told = {"technology_id": technology.id}
        await record(work, "pool:tell_supplier", pool, detail=told, event=event)
    await alerts.quotes_asked(work, pool, [one.supplier_id for one in technologies])
    return pool


async def start_committing(work: UnitOfWork, actor: Actor, command: StartCommitting) -> Pool:
    """Show each force its price, and open the window in which forces commit.

    Raises NotFound, Denied without `pool:run`, WrongState, Invalid where no quote stands until the
    window closes, Conflict on a stale revision.
    """
    pool = await held(work, actor, command.pool_id, command.revision)
    actor.require(Permission.POOL_RUN)
    POOL.after("start_committing", pool.state)
    if command.commit_by <= london_date(work.now):
        raise Invalid("Forces need at least until tomorrow.", field="commit_by")
    offers = await offers_of(work, pool)
    if not any(quote.valid_until >= command.commit_by for quote in offers):
        raise Invalid(
            f"No quote in this pool is valid until {in_words(command.commit_by)}.",
            field="commit_by",
            rule=PoolRule.A_QUOTE_STANDS,
        )
    pool.commit_by = command.commit_by
    detail = {"until": command.commit_by, "quotes": len(offers)}
    await move(work, pool, "start_committing", detail=detail)
    await alerts.committing(work, pool)
    return pool


async def _demonstration(work: UnitOfWork, actor: Actor, command: OpenPool) -> bool:
    """Whether what the pool comes of is invented; and that it may be pooled."""
    viewer = Viewer(actor)
    if command.technology_id is not None:
        technology = await work.session.scalar(
            select(Technology).where(Technology.id == command.technology_id)
        )
        if technology is None or technology.state is not ListingState.PUBLISHED:
            raise Invalid("Name a listing that is published now.", field="technology_id")
        return technology.demonstration
    if command.challenge_id is not None:
        challenge = await work.session.scalar(
            select(Challenge).where(
                Challenge.id == command.challenge_id, challenge_visible(Challenge, viewer)
            )
        )
        if challenge is None:
            raise Invalid("There is no such challenge.", field="challenge_id")
        return challenge.demonstration
    item = await work.session.scalar(
        select(RoundItem).where(
            RoundItem.id == command.round_item_id, item_visible(RoundItem, viewer)
        )
    )
    if item is None or item.decision not in SHORTLIST:
        raise Invalid(
            "Name an item that the board has shortlisted, of a round that is final.",
            field="round_item_id",
            rule=PoolRule.FROM_A_SHORTLIST,
        )
    return (await work.session.get_one(Technology, item.technology_id)).demonstration


async def _published(work: UnitOfWork, pool: Pool, ids: Sequence[int]) -> Sequence[Technology]:
    allowed = await _allowed(work, pool)
    if allowed is not None and not allowed.issuperset(ids):
        raise Invalid(
            "Only suppliers on the shortlist that this pool comes of can be asked."
            if pool.round_item_id is not None
            else "This pool is about one technology: only its supplier can be asked.",
            field="technology_ids",
            rule=PoolRule.FROM_A_SHORTLIST,
        )
    found = await work.session.scalars(
        select(Technology)
        .where(Technology.id.in_(ids), Technology.state == ListingState.PUBLISHED)
        .order_by(Technology.id)
    )
    technologies = found.all()
    if len(technologies) != len(set(ids)):
        raise Invalid("Only listings that are published now can be asked for.",
                      field="technology_ids")  # fmt: skip
    return technologies


async def _allowed(work: UnitOfWork, pool: Pool) -> set[int] | None:
    """The technologies that may be quoted; None where any may, as for a challenge."""
    if pool.technology_id is not None:
        return {pool.technology_id}
    if pool.round_item_id is None:
        return None
    item = aliased(RoundItem)
    of_round = select(item.round_id).where(item.id == pool.round_item_id).scalar_subquery()
    ids = select(RoundItem.technology_id).where(
        RoundItem.round_id == of_round, RoundItem.decision.in_(list(SHORTLIST))
    )
    return set(await work.session.scalars(ids))


async def _asked(
    work: UnitOfWork, pool: Pool, technology: Technology, indicative: int
) -> PoolQuotesAsked:
    assert pool.quotes_by is not None
    return PoolQuotesAsked(
        stream=await stream_about(work, pool, technology.id, technology.supplier_id),
        supplier_id=technology.supplier_id,
        pool_id=pool.id,
        pool_title=pool.title,
        technology_id=technology.id,
        technology_name=technology.name,
        quotes_by=pool.quotes_by,
        price_unit=pool.unit,
        price_interval=pool.interval,
        term_months=pool.term_months,
        indicative_quantity=indicative,
    )
