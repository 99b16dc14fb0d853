"""The draft of a listing as a whole: its facts, its sections, and what it lacks."""

from typing import Any

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.market.catalogue import showing, versions
from innohub.market.catalogue.models import (
    DraftSection,
    Facts,
    ListingDraft,
    ListingSection,
    Section,
    Technology,
    TechnologyCapability,
)

FACTS = list(Facts.__annotations__)
HERE = "The hub"
"""Who wrote a section that was there before drafts were kept apart."""


async def draft_of(work: UnitOfWork, technology: Technology) -> ListingDraft:
    """The listing's draft; begun from what readers read, where nobody has begun one."""
    mine = ListingDraft.technology_id == technology.id
    found = await work.session.scalar(select(ListingDraft).where(mine))
    return found or await _begin(work, technology)


async def begin(work: UnitOfWork, technology: Technology, capabilities: list[str]) -> ListingDraft:
    """A draft with the facts that stand in the listing, and no sections."""
    draft = ListingDraft(
        technology_id=technology.id,
        supplier_id=technology.supplier_id,
        capabilities=capabilities,
        missing=[],
        worth_adding=[],
        required=0,
        facts_revision=1,
        touched_at=work.now,
        created_at=work.now,
        **{name: getattr(technology, name) for name in FACTS},
    )
    work.session.add(draft)
    await work.session.flush()
    return draft


async def sections_of(work: UnitOfWork, draft: ListingDraft) -> dict[Section, str]:
    """The texts of the draft by section."""
    rows = await work.session.scalars(select(DraftSection).where(DraftSection.draft_id == draft.id))
    return {Section(row.section): row.body for row in rows}


async def content_of(work: UnitOfWork, draft: ListingDraft) -> dict[str, Any]:
    """The draft as the content of a version, without assurance."""
    return versions.content_of(draft, await sections_of(work, draft))


async def touched(work: UnitOfWork, technology: Technology, draft: ListingDraft) -> None:
    """Bring up to date what hangs on the draft; before the first publication its readers' text
    too, which only the supplier and, once submitted, the reviewers see."""
    draft.touched_at = work.now
    content = await content_of(work, draft)
    draft.missing = versions.missing_from(content)
    draft.worth_adding = versions.worth_adding(content)
    draft.required = len(versions.required(content))
    if technology.current_version_id is None:
        await showing.show(work, technology, content)
    await work.session.flush()


async def _begin(work: UnitOfWork, technology: Technology) -> ListingDraft:
    of = TechnologyCapability
    serves = select(of.capability).where(of.technology_id == technology.id).order_by(of.capability)
    draft = await begin(work, technology, list(await work.session.scalars(serves)))
    written = select(ListingSection).where(ListingSection.technology_id == technology.id)
    for row in await work.session.scalars(written):
        work.session.add(
            DraftSection(
                draft_id=draft.id,
                section=row.section,
                body=row.body,
                by_name=HERE,
                created_at=work.now,
                updated_at=row.updated_at,
            )
        )
    await touched(work, technology, draft)
    return draft
