"""Suppliers write a listing: its facts and its sections, in any order, several people at once."""

from sqlalchemy import func, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Denied, WrongState
from innohub.identity.actor import Actor
from innohub.identity.models import Organisation, OrganisationKind
from innohub.identity.permissions import Permission
from innohub.market.catalogue import drafts, loading
from innohub.market.catalogue.commands import DraftTechnology, EditTechnology, WriteSection
from innohub.market.catalogue.models import (
    EDITABLE,
    DraftSection,
    ListingDraft,
    ListingState,
    Technology,
)
from innohub.market.catalogue.slugs import first_free, slug_of
from innohub.market.reference_lists import chosen_from
from innohub.outbox.service import record

NAMES_LOCK = 0x51AC
"""The class of advisory locks under which a slug is chosen."""
QUOTED = 400
"""How much of what the other wrote stands in a Conflict, in characters."""
FROM_LISTS = {
    "category": "category",
    "capabilities": "capability",
    "research_lines": "ari_service_line",
    "hosting": "hosting",
    "data_kinds": "data_kind",
    "ai_role": "ai_role",
}
"""Facts that are ids, each with its reference list."""


async def draft(work: UnitOfWork, actor: Actor, command: DraftTechnology) -> Technology:
    """Begin a listing of the actor's supplier.

    Raises Denied without `listing:edit` there, or where it is no supplier; Invalid for an id that
    is in none of the reference lists.
    """
    supplier_id = command.supplier_id or actor.only_organisation(Permission.LISTING_EDIT)
    actor.require(Permission.LISTING_EDIT, supplier_id)
    supplier = await work.session.get_one(Organisation, supplier_id)
    if supplier.kind != OrganisationKind.SUPPLIER:
        raise Denied("Only suppliers list technologies.")
    await _known(work, command)
    technology = Technology(
        supplier_id=supplier.id,
        slug=await _free_slug(work, command.name),
        supplier_reference=command.supplier_reference,
        state=ListingState.DRAFT,
        demonstration=supplier.demonstration,
        created_at=work.now,
        **command.model_dump(include=set(drafts.FACTS)),
    )
    work.session.add(technology)
    await work.session.flush()
    begun = await drafts.begin(work, technology, command.capabilities)
    await drafts.touched(work, technology, begun)
    facts = {"slug": technology.slug, "name": technology.name, "category": technology.category}
    await record(work, "technology:draft", technology, detail=facts)
    return technology


async def edit(work: UnitOfWork, actor: Actor, command: EditTechnology) -> Technology:
    """Change the facts of a draft. Of a published listing nobody sees it before it is submitted.

    Raises NotFound, Denied, WrongState where the listing cannot be edited now, Conflict where
    somebody else changed the facts since `command.revision`, Invalid.
    """
    technology, draft = await _draft_of(work, actor, command.technology_id)
    if command.revision not in (None, draft.facts_revision):
        raise Conflict("Somebody else changed this listing since you opened it. Load it again.")
    await _known(work, command)
    changed = command.model_dump(exclude_none=True, exclude={"technology_id", "revision"})
    for name, value in changed.items():
        setattr(draft, name, value)
    draft.facts_revision += 1
    await drafts.touched(work, technology, draft)
    await record(work, "technology:edit", technology, detail=changed)
    return technology


async def write_section(work: UnitOfWork, actor: Actor, command: WriteSection) -> Technology:
    """Write one section of a draft, in place of what stood there.

    Raises as `edit` does; the Conflict says who wrote what meanwhile. Two people at two sections
    do not meet.
    """
    technology, draft = await _draft_of(work, actor, command.technology_id)
    row = await work.session.scalar(
        select(DraftSection)
        .where(DraftSection.draft_id == draft.id, DraftSection.section == command.section)
        .execution_options(populate_existing=True)
    )
    if command.revision not in (None, row.revision if row else 0):
        raise _overtaken(row)
    if row is None:
        row = DraftSection(draft_id=draft.id, section=command.section, created_at=work.now)
        work.session.add(row)
    row.body, row.by_name, row.updated_at = command.body, actor.name, work.now
    await work.session.flush()
    await drafts.touched(work, technology, draft)
    written = {"section": command.section, "characters": len(command.body)}
    await record(work, "technology:write_section", technology, detail=written)
    return technology


async def _draft_of(
    work: UnitOfWork, actor: Actor, technology_id: int
) -> tuple[Technology, ListingDraft]:
    """The listing, locked, and its draft: one who writes waits for the other."""
    technology = await loading.theirs(work, actor, Permission.LISTING_EDIT, technology_id)
    if technology.state not in EDITABLE:
        state = technology.state.replace("_", " ")
        raise WrongState(f"This listing is {state}. It cannot be edited now.")
    return technology, await drafts.draft_of(work, technology)


def _overtaken(row: DraftSection | None) -> Conflict:
    if row is None:
        return Conflict("This section is not written. Load the listing again.", field="body")
    text = row.body if len(row.body) <= QUOTED else row.body[:QUOTED].rstrip() + " …"
    return Conflict(
        f"{row.by_name} changed this section since you opened it. It now reads: “{text}”",
        field="body",
    )


async def _known(work: UnitOfWork, command: DraftTechnology | EditTechnology) -> None:
    """Raise Invalid for an id that is not in force in its reference list."""
    for field, name in FROM_LISTS.items():
        given = getattr(command, field)
        if given:
            ids = [given] if isinstance(given, str) else given
            await chosen_from(work, name, ids, field=field)


async def _free_slug(work: UnitOfWork, name: str) -> str:
    """A slug that no listing has. Two drafts of one name wait for each other here."""
    slug = slug_of(name)
    await work.session.execute(select(func.pg_advisory_xact_lock(NAMES_LOCK, func.hashtext(slug))))
    alike = select(Technology.slug).where(Technology.slug.startswith(slug, autoescape=True))
    return first_free(slug, set(await work.session.scalars(alike)))
