"""Quotes and their tiers as the services load them."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, NotFound
from innohub.identity.actor import Actor
from innohub.identity.viewer import Viewer
from innohub.market.quotes import policy
from innohub.market.quotes.models import Quote, QuoteTier
from innohub.market.quotes.pricing import Schedule, Tier


async def held(work: UnitOfWork, actor: Actor, quote_id: int, revision: int | None = None) -> Quote:
    """The quote, locked until the end of the unit of work. Raises NotFound where the actor may not
    see it, Conflict on a stale revision."""
    quote = await work.session.scalar(
        select(Quote)
        .where(Quote.id == quote_id, policy.visible(Quote, Viewer(actor)))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if quote is None:
        raise NotFound("There is no such quote.")
    if revision is not None and revision != quote.revision:
        raise Conflict("Somebody else changed this quote meanwhile. Load it again.")
    return quote


async def schedules_of(work: UnitOfWork, quotes: Iterable[Quote]) -> dict[int, Schedule]:
    """The tiers of each quote, by its id."""
    modes = {quote.id: quote.tier_mode for quote in quotes}
    found: dict[int, list[Tier]] = {id: [] for id in modes}
    for tier in await _tiers(work, modes.keys()):
        found[tier.quote_id].append(Tier(tier.from_quantity, tier.unit_price_pence))
    return {id: Schedule(modes[id], tuple(tiers)) for id, tiers in found.items()}


async def _tiers(work: UnitOfWork, ids: Collection[int]) -> Any:
    return await work.session.scalars(
        select(QuoteTier)
        .where(QuoteTier.quote_id.in_(ids))
        .order_by(QuoteTier.quote_id, QuoteTier.number)
    )
