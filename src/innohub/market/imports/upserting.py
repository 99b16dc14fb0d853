"""One item: the listing with its reference created, or its draft edited where it differs."""

from dataclasses import dataclass
from typing import Any

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.actor import Actor
from innohub.market.assurance import service as assurance
from innohub.market.catalogue import service as catalogue
from innohub.market.catalogue.commands import (
    DraftTechnology,
    EditTechnology,
    SubmitTechnology,
    WriteSection,
)
from innohub.market.catalogue.models import ListingState, Section, Technology
from innohub.market.imports.commands import CatalogueItem
from innohub.market.imports.models import ItemOutcome

BESIDE = {"supplier_reference", "sections", "idempotency_key"}
"""What of an item is no fact of the listing."""
NOT_SUBMITTED = {ListingState.DRAFT, ListingState.CHANGES_REQUESTED}


@dataclass(frozen=True)
class Done:
    outcome: ItemOutcome
    technology_id: int
    submitted: bool = False


async def upsert_one(
    work: UnitOfWork, actor: Actor, supplier_id: int, item: CatalogueItem, *, submit: bool
) -> Done:
    """Raises what the catalogue's `draft`, `edit`, `write_section` and `submit` raise."""
    technology = await catalogue.by_reference(work, supplier_id, item.supplier_reference)
    if technology is None:
        technology = await _create(work, actor, supplier_id, item)
        outcome = ItemOutcome.CREATED
    else:
        changed = await _change(work, actor, technology, item)
        outcome = ItemOutcome.CHANGED if changed else ItemOutcome.UNCHANGED
    due = outcome is not ItemOutcome.UNCHANGED or technology.state in NOT_SUBMITTED
    if submit and due:
        command = SubmitTechnology(technology_id=technology.id)
        await assurance.submit(work, actor, command)
    return Done(outcome, technology.id, submit and due)


async def _create(
    work: UnitOfWork, actor: Actor, supplier_id: int, item: CatalogueItem
) -> Technology:
    given = _facts(item) | {
        "supplier_id": supplier_id,
        "supplier_reference": item.supplier_reference,
    }
    technology = await catalogue.draft(work, actor, DraftTechnology.parse(given))
    for part in item.sections:
        await _write(work, actor, technology, part.section, part.body)
    return technology


async def _change(
    work: UnitOfWork, actor: Actor, technology: Technology, item: CatalogueItem
) -> bool:
    """Whether anything differed."""
    before = await catalogue.as_drafted(work, technology)
    facts = _facts(item)
    differing = {name for name in facts if facts[name] != before.facts[name]}
    if differing:
        given = facts | {"technology_id": technology.id}
        await catalogue.edit(work, actor, EditTechnology.parse(given))
    rewritten = [part for part in item.sections if before.sections.get(part.section) != part.body]
    for part in rewritten:
        await _write(work, actor, technology, part.section, part.body)
    return bool(differing or rewritten)


def _facts(item: CatalogueItem) -> dict[str, Any]:
    return item.model_dump(exclude_unset=True, exclude=BESIDE)


async def _write(
    work: UnitOfWork, actor: Actor, technology: Technology, section: Section, body: str
) -> None:
    command = WriteSection(technology_id=technology.id, section=section, body=body)
    await catalogue.write_section(work, actor, command)
