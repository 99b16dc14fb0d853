"""Suppliers write a listing: its facts, its sections, and the text it is found by."""

from collections.abc import Iterable

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Denied, WrongState
from innohub.identity.actor import Actor
from innohub.identity.models import Organisation, OrganisationKind
from innohub.identity.permissions import Permission
from innohub.market.catalogue import loading
from innohub.market.catalogue.commands import DraftTechnology, EditTechnology, WriteSection
from innohub.market.catalogue.models import (
    EDITABLE,
    ListingSection,
    ListingState,
    Section,
    Technology,
    TechnologyCapability,
)
from innohub.market.catalogue.reference_lists import chosen_from, labels_of
from innohub.market.catalogue.slugs import first_free, slug_of
from innohub.outbox.service import record

NAMES_LOCK = 0x51AC
"""The class of advisory locks under which a slug is chosen."""


async def draft(work: UnitOfWork, actor: Actor, command: DraftTechnology) -> Technology:
    """Begin a listing of the actor's supplier.

    Raises Denied without `listing:edit` there, or where it is no supplier; Invalid for an unknown
    category or capability.
    """
    supplier_id = command.supplier_id or actor.only_organisation(Permission.LISTING_EDIT)
    actor.require(Permission.LISTING_EDIT, supplier_id)
    supplier = await work.session.get_one(Organisation, supplier_id)
    if supplier.kind != OrganisationKind.SUPPLIER:
        raise Denied("Only suppliers list technologies.")
    await chosen_from(work, "category", [command.category], field="category")
    await chosen_from(work, "capability", command.capabilities, field="capabilities")
    technology = Technology(
        supplier_id=supplier.id,
        slug=await _free_slug(work, command.name),
        name=command.name,
        summary=command.summary,
        category=command.category,
        trl=command.trl,
        state=ListingState.DRAFT,
        price_from_pence=command.price_from_pence,
        price_to_pence=command.price_to_pence,
        price_unit=command.price_unit,
        price_interval=command.price_interval,
        demonstration=supplier.demonstration,
        created_at=work.now,
    )
    work.session.add(technology)
    await work.session.flush()
    await _serve(work, technology, command.capabilities)
    await _refresh_search_text(work, technology)
    facts = {"slug": technology.slug, "name": technology.name, "category": technology.category}
    await record(work, "technology:draft", technology, detail=facts)
    return technology


async def edit(work: UnitOfWork, actor: Actor, command: EditTechnology) -> Technology:
    """Change the facts of a draft.

    Raises NotFound, Denied, WrongState outside of drafting, Conflict on a stale revision, Invalid.
    """
    technology = await loading.own(work, actor, Permission.LISTING_EDIT, command)
    _editable(technology)
    changed = command.model_dump(exclude_none=True, exclude={"technology_id", "revision"})
    if command.category is not None:
        await chosen_from(work, "category", [command.category], field="category")
    if command.capabilities is not None:
        await chosen_from(work, "capability", command.capabilities, field="capabilities")
        await _serve(work, technology, command.capabilities)
    for name in changed.keys() - {"capabilities"}:
        setattr(technology, name, changed[name])
    await _refresh_search_text(work, technology)
    await record(work, "technology:edit", technology, detail=changed)
    return technology


async def write_section(work: UnitOfWork, actor: Actor, command: WriteSection) -> Technology:
    """Write one section of a draft, in place of what stood there.

    Raises as `edit` does.
    """
    technology = await loading.own(work, actor, Permission.LISTING_EDIT, command)
    _editable(technology)
    fresh = insert(ListingSection).values(
        technology_id=technology.id,
        section=command.section,
        body=command.body,
        created_at=work.now,
        updated_at=work.now,
    )
    await work.session.execute(
        fresh.on_conflict_do_update(
            index_elements=[ListingSection.technology_id, ListingSection.section],
            set_={"body": fresh.excluded.body, "updated_at": fresh.excluded.updated_at},
        )
    )
    await _refresh_search_text(work, technology)
    written = {"section": command.section, "characters": len(command.body)}
    await record(work, "technology:write_section", technology, detail=written)
    return technology


def _editable(technology: Technology) -> None:
    if technology.state not in EDITABLE:
        state = technology.state.replace("_", " ")
        raise WrongState(
            f"This listing is {state}. Its text can be changed only while it is a draft, or "
            "after a reviewer asked for changes."
        )


async def _free_slug(work: UnitOfWork, name: str) -> str:
    """A slug that no listing has. Two drafts of one name wait for each other here."""
    slug = slug_of(name)
    await work.session.execute(select(func.pg_advisory_xact_lock(NAMES_LOCK, func.hashtext(slug))))
    alike = select(Technology.slug).where(Technology.slug.startswith(slug, autoescape=True))
    return first_free(slug, set(await work.session.scalars(alike)))


async def _serve(work: UnitOfWork, technology: Technology, capabilities: Iterable[str]) -> None:
    mine = TechnologyCapability.technology_id == technology.id
    await work.session.execute(delete(TechnologyCapability).where(mine))
    rows = [{"technology_id": technology.id, "capability": id} for id in capabilities]
    if rows:
        await work.session.execute(insert(TechnologyCapability), rows)


async def _refresh_search_text(work: UnitOfWork, technology: Technology) -> None:
    """Bring up to date what is searched: the sections, capabilities, category and supplier."""
    sections = await loading.sections_of(work, technology)
    capabilities = await loading.capabilities_of(work, technology)
    serves = await labels_of(work, "capability", capabilities)
    kind = await labels_of(work, "category", [technology.category])
    supplier = await work.session.get_one(Organisation, technology.supplier_id)
    texts = [sections[name] for name in Section if name in sections]
    technology.search_text = "\n".join([*texts, *serves, *kind, supplier.name])
