"""An organisation gets another name or slug, or another place among the forces.

What it was stays to be read, and its old slug leads on. History is keyed on its id: nothing that
points at it changes.
"""

from typing import Any

from sqlalchemy import exists, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Invalid, NotFound, WrongState
from innohub.identity.actor import Actor
from innohub.identity.models import Organisation, OrganisationKind, ReferenceValue
from innohub.identity.organisations.commands import ChangeOrganisation
from innohub.identity.organisations.models import FormerEntry, OrganisationSlug
from innohub.identity.permissions import Permission
from innohub.identity.step_up import require_recent_proof
from innohub.outbox.service import record

ENTRY = ("name", "slug", "force_kind", "nation", "region")
OF_FORCES = ("force_kind", "nation", "region")


async def change_organisation(
    work: UnitOfWork, actor: Actor, command: ChangeOrganisation
) -> Organisation:
    """Raises NotSignedIn, Denied without `organisation:manage`, StepUpRequired, NotFound; Invalid
    where nothing would change, for a kind, nation or region of what is no force, and for a region
    that there is not; WrongState for an organisation that has a successor; Conflict for a slug that
    is or was another's."""
    actor.require(Permission.ORGANISATION_MANAGE)
    require_recent_proof(actor, work.now)
    organisation = await work.session.get(
        Organisation, command.organisation_id, with_for_update=True
    )
    if organisation is None:
        raise NotFound("This organisation does not exist.")
    changed = _changed(organisation, command)
    await _check(work, organisation, changed)
    before = {name: getattr(organisation, name) for name in ENTRY}
    work.session.add(FormerEntry(organisation_id=organisation.id, created_at=work.now, **before))
    for name, value in changed.items():
        setattr(organisation, name, value)
    detail = {"before": {name: before[name] for name in changed}, "after": changed}
    await record(work, "organisation:change", organisation, detail=detail, reason=command.reason)
    return organisation


def _changed(organisation: Organisation, command: ChangeOrganisation) -> dict[str, Any]:
    """What the command gives that is not so already, as plain text."""
    given = {name: getattr(command, name) for name in ENTRY}
    changed = {
        name: str(value)
        for name, value in given.items()
        if value is not None and value != getattr(organisation, name)
    }
    if not changed:
        raise Invalid("This is what it says already.", field="name")
    placed = [name for name in OF_FORCES if name in changed]
    if placed and organisation.kind != OrganisationKind.FORCE:
        raise Invalid("Only a force has a kind, a nation and a region.", field=placed[0])
    return changed


async def _check(work: UnitOfWork, organisation: Organisation, changed: dict[str, Any]) -> None:
    if organisation.successor_id is not None:
        raise WrongState(f"{organisation.name} has merged, and keeps the name that it had.")
    if "region" in changed:
        known = select(
            exists().where(ReferenceValue.list == "region", ReferenceValue.id == changed["region"])
        )
        if not await work.session.scalar(known):
            raise Invalid("There is no such region.", field="region")
    if "slug" in changed:
        # Its primary key is what holds this; asked beforehand for a sentence that says why.
        kept = await work.session.get(OrganisationSlug, changed["slug"])
        if kept is not None and kept.organisation_id != organisation.id:
            raise Conflict("Another organisation has or had this short name.", field="slug")
