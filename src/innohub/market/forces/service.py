"""A force keeps its own context sheet."""

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, NotFound
from innohub.identity.actor import Actor
from innohub.identity.models import Organisation, OrganisationKind
from innohub.identity.permissions import Permission
from innohub.market.forces.commands import WriteContext
from innohub.market.forces.models import ForceContext
from innohub.market.reference_lists import chosen_from
from innohub.outbox.service import record


async def write_context(work: UnitOfWork, actor: Actor, command: WriteContext) -> ForceContext:
    """Write one's own force's sheet, the first time or anew.

    Raises NotFound, Denied, Invalid for what is in no reference list, Conflict where somebody else
    wrote it since `command.revision`.
    """
    force = await _own_force(work, actor, command)
    groups = [command.peer_group] if command.peer_group else []
    await chosen_from(work, "peer_group", groups, field="peer_group")
    await chosen_from(work, "hosting", command.hosting_policy, field="hosting_policy")
    sheet = await work.session.scalar(
        select(ForceContext).where(ForceContext.force_id == force.id).with_for_update()
    )
    if command.revision is not None and (sheet is None or sheet.revision != command.revision):
        raise Conflict("Somebody else changed the sheet a moment ago. Load it again.")
    given = _columns(command)
    before = {name: getattr(sheet, name) for name in given} if sheet else {}
    if sheet is None:
        sheet = ForceContext(force_id=force.id, created_at=work.now)
        work.session.add(sheet)
    for name, value in given.items():
        setattr(sheet, name, value)
    sheet.updated_at = work.now
    changed = sorted(name for name, value in given.items() if before.get(name) != value)
    # The names of what changed, not the values: the trail is read by more people than the sheet.
    await record(work, "context:write", sheet, detail={"force": force.slug, "changed": changed})
    return sheet


def _columns(command: WriteContext) -> dict[str, object]:
    given = command.model_dump(exclude={"force_id", "revision"})
    given["networks"] = sorted({network.value for network in command.networks})
    given["hosting_policy"] = sorted(set(command.hosting_policy))
    return given


async def _own_force(work: UnitOfWork, actor: Actor, command: WriteContext) -> Organisation:
    id = command.force_id or actor.only_organisation(Permission.CONTEXT_WRITE)
    force = await work.session.get(Organisation, id)
    if force is None or force.kind is not OrganisationKind.FORCE:
        raise NotFound("This force does not exist.")
    actor.require(Permission.CONTEXT_WRITE, force.id)
    return force
