"""Two organisations become one, and nothing of what they did is lost.

Everything that a force did stays keyed on its own id: its pilots, its results, what it bought. It
gets a last day and a successor; its people get their roles there; its old address leads on. What a
supplier has is its successor's from then on: see `suppliers`.
"""

from typing import Any

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import NotFound
from innohub.identity.actor import Actor
from innohub.identity.models import Organisation, OrganisationKind
from innohub.identity.permissions import Permission
from innohub.identity.step_up import require_recent_proof
from innohub.market.succession.checking import require_day, require_ready, require_two
from innohub.market.succession.commands import MergeOrganisation
from innohub.market.succession.events import SupplierMerged
from innohub.market.succession.people import LADDER, move_people
from innohub.market.succession.suppliers import hand_over, nothing_more
from innohub.notices.models import NoticeKind
from innohub.notices.service import notify
from innohub.outbox.service import record

KINDS = (OrganisationKind.FORCE, OrganisationKind.SUPPLIER)


async def merge_organisation(
    work: UnitOfWork, actor: Actor, command: MergeOrganisation
) -> Organisation:
    """Raises NotSignedIn, Denied without `organisation:manage`, StepUpRequired, NotFound; Invalid
    for an organisation that would follow itself, for two of different kinds, for a last day out of
    bounds; WrongState for one that has merged, or a successor that has ended, while a force has
    something open that would be broken, or while two suppliers compete for the same thing."""
    actor.require(Permission.ORGANISATION_MANAGE)
    require_recent_proof(actor, work.now)
    ending, successor = await _both(work, command)
    require_two(ending, successor)
    require_day(work, ending, command.last_day)
    await require_ready(work, ending, successor)
    supplier = ending.kind == OrganisationKind.SUPPLIER
    ending.valid_to, ending.successor_id = command.last_day, successor.id
    moved = await (_supplier if supplier else _force)(work, ending, successor)
    detail = {"successor_id": successor.id, "last_day": command.last_day, **moved}
    event = _merged(ending, successor, command) if supplier else None
    await record(
        work, "organisation:merge", ending, detail=detail, reason=command.reason, event=event
    )
    inherited = {"former_id": ending.id, "last_day": command.last_day}
    await record(work, "organisation:inherit", successor, detail=inherited, reason=command.reason)
    return ending


async def _both(work: UnitOfWork, command: MergeOrganisation) -> tuple[Organisation, Organisation]:
    """Both, locked in the order of their ids: two mergers at once take turns. Others may add to
    them as yet."""
    ids = {command.organisation_id, command.successor_id}
    found = (
        select(Organisation)
        .where(Organisation.id.in_(ids), Organisation.kind.in_(KINDS))
        .order_by(Organisation.id)
        .with_for_update(key_share=True)
    )
    rows = {one.id: one for one in await work.session.scalars(found)}
    if rows.keys() != ids:
        raise NotFound("This organisation does not exist.")
    return rows[command.organisation_id], rows[command.successor_id]


async def _force(work: UnitOfWork, ending: Organisation, successor: Organisation) -> dict[str, Any]:
    await nothing_more(work, ending.id)
    return {"memberships_moved": await move_people(work, ending.id, successor.id)}


async def _supplier(
    work: UnitOfWork, ending: Organisation, successor: Organisation
) -> dict[str, Any]:
    handed_over = await hand_over(work, ending, successor)
    await _tell(work, ending, successor)
    return {"handed_over": handed_over}


async def _tell(work: UnitOfWork, ending: Organisation, successor: Organisation) -> None:
    """Tell the people of both, who are in the one by now."""
    await notify(
        work,
        kind=NoticeKind.LISTING,
        organisation_id=successor.id,
        roles=LADDER,
        text=f"{ending.name} is part of {successor.name} now, with its listings, pilots and "
        "quotes. Its API clients have to sign in anew.",
        path=f"/suppliers/{successor.slug}",
        key=f"supplier/{ending.id}/merged",
    )


def _merged(
    ending: Organisation, successor: Organisation, command: MergeOrganisation
) -> SupplierMerged:
    return SupplierMerged(
        stream=f"supplier/{successor.id}",
        supplier_id=successor.id,
        former_slug=ending.slug,
        former_name=ending.name,
        supplier_slug=successor.slug,
        supplier_name=successor.name,
        last_day=command.last_day,
    )
