"""What a change of a listing does to its passport."""

from collections.abc import Collection

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.actor import Actor
from innohub.market.assurance.models import ITEM, AssuranceItem
from innohub.market.assurance.models import AssuranceStatus as Status
from innohub.market.catalogue import service as catalogue
from innohub.market.catalogue.commands import ApproveTechnology
from innohub.market.catalogue.models import ListingVersion, Technology
from innohub.market.reference_lists import values_of
from innohub.outbox.service import record


async def approve(work: UnitOfWork, actor: Actor, command: ApproveTechnology) -> Technology:
    """Publish the version under review; what was verified of the listing before, and is touched by
    the change, is declared again: an officer has to look at it.

    Raises as the catalogue's `approve` does.
    """
    technology = await catalogue.approve(work, actor, command)
    version = await work.session.get_one(ListingVersion, technology.current_version_id)
    if version.areas:
        await _declare_again(work, technology, version.areas)
    return technology


async def _declare_again(work: UnitOfWork, technology: Technology, areas: Collection[str]) -> None:
    types = await _affected_by(work, areas)
    items = await work.session.scalars(
        select(AssuranceItem)
        .where(
            AssuranceItem.technology_id == technology.id,
            AssuranceItem.status == Status.VERIFIED,
            AssuranceItem.type.in_(types),
        )
        .order_by(AssuranceItem.id)
        .with_for_update()
    )
    for item in items:
        item.status = ITEM.after("reopen", item.status)
        item.verified_at = item.verified_by_id = None
        item.verification_method = item.judgement = None
        detail = {"type": item.type, "reference": item.reference, "areas": sorted(areas)}
        await record(work, "assurance_item:reopen", item, detail=detail)


async def _affected_by(work: UnitOfWork, areas: Collection[str]) -> set[str]:
    """The types of items that were given for these areas as they were."""
    found = await values_of(work, "listing_area")
    return {type for area in found if area.id in areas for type in area.detail["assurance"]}
