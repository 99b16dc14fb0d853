"""A supplier's listings by the names that its own product system has for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.market.catalogue import drafts
from innohub.market.catalogue.models import (
    ListingDraft,
    ListingSection,
    Section,
    Technology,
    TechnologyCapability,
)


@dataclass(frozen=True)
class Drafted:
    """What stands in a listing's draft; where nobody has begun one, what readers read."""

    facts: Mapping[str, Any]
    sections: Mapping[Section, str]


async def by_reference(work: UnitOfWork, supplier_id: int, reference: str) -> Technology | None:
    """The supplier's listing of that name, locked."""
    return await work.session.scalar(
        select(Technology)
        .where(Technology.supplier_id == supplier_id, Technology.supplier_reference == reference)
        .with_for_update()
    )


async def as_drafted(work: UnitOfWork, technology: Technology) -> Drafted:
    """Only looks: a draft is begun by whoever changes it."""
    draft = await work.session.scalar(
        select(ListingDraft).where(ListingDraft.technology_id == technology.id)
    )
    if draft is not None:
        facts = {name: getattr(draft, name) for name in (*drafts.FACTS, "capabilities")}
        return Drafted(facts, await drafts.sections_of(work, draft))
    of = TechnologyCapability
    serves = select(of.capability).where(of.technology_id == technology.id).order_by(of.capability)
    written = await work.session.scalars(
        select(ListingSection).where(ListingSection.technology_id == technology.id)
    )
    facts = {name: getattr(technology, name) for name in drafts.FACTS}
    facts["capabilities"] = list(await work.session.scalars(serves))
    return Drafted(facts, {Section(row.section): row.body for row in written})
