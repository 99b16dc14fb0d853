"""Take a catalogue in: its items are stored in one transaction, and done one by one after it."""

from typing import Any, cast

from sqlalchemy import func, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Denied, Invalid, Problem
from innohub.identity.actor import Actor
from innohub.identity.models import Organisation, OrganisationKind
from innohub.identity.permissions import Permission
from innohub.market.imports.commands import CatalogueItem, UpsertCatalogue
from innohub.market.imports.models import CatalogueImport, ImportItem, ImportState, ItemOutcome
from innohub.outbox.service import record

JOB = "run_imports"
"""The worker's job that does the items."""
MOST_AT_WORK = 3
"""Imports of one supplier that are not done."""


async def upsert(work: UnitOfWork, actor: Actor, command: UpsertCatalogue) -> CatalogueImport:
    """Queue the items. One that breaks a rule is refused now, by itself.

    Raises Denied without `listing:edit` at the supplier, and to submit without `listing:submit`;
    Conflict while three of its imports are at work.
    """
    supplier_id = command.supplier_id or actor.only_organisation(Permission.LISTING_EDIT)
    actor.require(Permission.LISTING_EDIT, supplier_id)
    if command.submit:
        actor.require(Permission.LISTING_SUBMIT, supplier_id)
    # Locked: two at once are counted one after the other.
    supplier = await work.session.get_one(Organisation, supplier_id, with_for_update=True)
    if supplier.kind != OrganisationKind.SUPPLIER:
        raise Denied("Only suppliers list technologies.")
    await _not_too_many(work, supplier_id)
    taken_in = CatalogueImport(
        supplier_id=supplier_id,
        person_id=actor.person_id,
        client_id=actor.client_id,
        by_name=actor.name,
        submit=command.submit,
        dry_run=command.dry_run,
        state=ImportState.QUEUED,
        total=len(command.items),
        due_at=work.now,
        created_at=work.now,
    )
    work.session.add(taken_in)
    facts = {"items": taken_in.total, "submit": command.submit, "dry_run": command.dry_run}
    await record(work, "catalogue:import", taken_in, detail=facts)
    raw = cast("list[dict[str, Any]]", command.items)
    work.session.add_all(_items(taken_in, raw))
    await work.session.flush()
    work.wakes.add(JOB)
    return taken_in


async def _not_too_many(work: UnitOfWork, supplier_id: int) -> None:
    at_work = select(func.count()).where(
        CatalogueImport.supplier_id == supplier_id, CatalogueImport.state != ImportState.DONE
    )
    if int(await work.session.scalar(at_work) or 0) >= MOST_AT_WORK:
        raise Conflict(f"{MOST_AT_WORK} imports of yours are still at work. Wait for one to end.")


def _items(taken_in: CatalogueImport, raw: list[dict[str, Any]]) -> list[ImportItem]:
    known: set[str] = set()
    return [_item(taken_in, position, one, known) for position, one in enumerate(raw, start=1)]


def _item(
    taken_in: CatalogueImport, position: int, raw: dict[str, Any], known: set[str]
) -> ImportItem:
    item = ImportItem(
        import_id=taken_in.id,
        supplier_id=taken_in.supplier_id,
        position=position,
        reference=str(raw.get("supplier_reference", "")).replace("\0", "").strip()[:100],
        content={},
        outcome=ItemOutcome.WAITING,
        submitted=False,
        problems=[],
        created_at=taken_in.created_at,
    )
    try:
        parsed = CatalogueItem.parse(raw)
        if parsed.supplier_reference in known:
            raise Invalid("This reference is in the list already.", field="supplier_reference")
        known.add(parsed.supplier_reference)
        item.content = parsed.model_dump(mode="json", exclude_unset=True)
    except Invalid as error:
        item.outcome = ItemOutcome.REFUSED
        item.problems = told(error.problems)
        item.settled_at = taken_in.created_at
    return item


def told(problems: list[Problem]) -> list[dict[str, Any]]:
    """Problems as they are stored."""
    return [{"message": one.message, "field": one.field} for one in problems]
