"""What stands for a version of a listing: whether it is priced, and what it costs over its term."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import aliased

from innohub.db.unit_of_work import UnitOfWork
from innohub.market.catalogue.models import ListingVersion
from innohub.market.quotes import policy
from innohub.market.quotes.loading import schedules_of
from innohub.market.quotes.models import Quote
from innohub.market.quotes.pricing import Schedule
from innohub.market.working_days import london_date


async def priced_versions(work: UnitOfWork, version_ids: Collection[int]) -> set[int]:
    """Which of these listing versions have a quote that stands today: for that version, or for an
    earlier one since which nothing material has changed."""
    return {version_id for version_id, _ in await _standing(work, version_ids)}


async def whole_life_cost_pence(
    work: UnitOfWork, version_ids: Collection[int], quantity: int | None = None
) -> dict[int, int]:
    """What each priced version costs one force over its whole term, without VAT: units, set-up,
    training and exit; of several quotes that stand, the least. For `quantity` units, or for as few
    as the quote allows. Versions without a price are left out."""
    found = await _standing(work, version_ids)
    schedules = await schedules_of(work, [quote for _, quote in found])
    costs: dict[int, int] = {}
    for version_id, quote in found:
        schedule = schedules[quote.id]
        cost = whole_life(quote, schedule, max(quantity or 0, schedule.minimum))
        costs[version_id] = min(cost, costs.get(version_id, cost))
    return costs


def whole_life(quote: Quote, schedule: Schedule, quantity: int) -> int:
    """What `quantity` units cost one force over the term, with what it pays once, without VAT. A
    price that follows an index is reckoned as it is quoted."""
    once = quote.setup_pence + quote.training_pence + quote.exit_pence
    return schedule.total(quantity) * quote.intervals + once


async def _standing(work: UnitOfWork, version_ids: Collection[int]) -> Sequence[tuple[int, Quote]]:
    version = aliased(ListingVersion)
    rows = await work.session.execute(
        select(version.id, Quote)
        .select_from(version)
        .join(Quote, policy.covers(Quote, version))
        .where(version.id.in_(version_ids), policy.stands(Quote, london_date(work.now)))
        .order_by(version.id, Quote.id)
    )
    return [(row[0], row[1]) for row in rows]
