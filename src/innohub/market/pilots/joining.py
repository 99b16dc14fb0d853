"""Several forces in one pilot: each joins with sites of its own, and its own owner approves."""

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Denied, Invalid, NotFound, WrongState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.pilots import alerts, gates, overdue
from innohub.market.pilots.commands import ApproveJoining, JoinPilot, LeavePilot
from innohub.market.pilots.models import Pilot, PilotForce, PilotSite, PilotState, SiteRole
from innohub.market.pilots.participants import name_of, participant, taking_part
from innohub.market.pilots.technology import listed
from innohub.market.pilots.timeline import held, note, seen
from innohub.market.pilots.together import passport, tasks

JOINABLE = frozenset({PilotState.OVERLAP_REVIEW, PilotState.SCOPING, PilotState.ASSURANCE})
"""From the request to the lock: what is locked is not changed, it is replicated."""


async def join(work: UnitOfWork, actor: Actor, command: JoinPilot) -> Pilot:
    """Take part in another force's pilot. It counts once one's own owner has approved and one's
    own reviewers have signed, and is left out of a protocol that is locked before.

    Raises NotFound, Denied; WrongState after the lock, where the listing is not published, and
    while the force owes a result of a pilot with the supplier;
    Conflict for a force that takes part already.
    """
    pilot = await held(work, actor, command.pilot_id)
    force_id = command.force_id or actor.only_organisation(Permission.PILOT_REQUEST)
    actor.require(Permission.PILOT_REQUEST, force_id)
    seen(pilot, command.revision)
    await enter(work, actor, pilot, force_id, command.site, command.site_role)
    return pilot


async def enter(
    work: UnitOfWork, actor: Actor, pilot: Pilot, force_id: int, site: str, role: SiteRole
) -> None:
    """Make the force a participant of the pilot, whose row must be locked."""
    if pilot.force_id is None or pilot.state not in JOINABLE:
        raise WrongState("A pilot can be joined from its request to the lock of its protocol.")
    await listed(work, pilot.technology_id)
    await overdue.refuse_while_overdue(work, force_id, pilot.supplier_id)
    if force_id == pilot.force_id:
        raise Conflict("Your force runs this pilot.")
    known = await participant(work, pilot, force_id)
    if known is not None and known.left_at is None:
        raise Conflict("Your force takes part in this pilot already.")
    if known is None:
        known = PilotForce(pilot_id=pilot.id, force_id=force_id, created_at=work.now)
        work.session.add(known)
    known.approved_at = known.assured_at = known.left_at = known.left_reason = None
    await _keep_site(work, pilot, force_id, site, role)
    name = await name_of(work, force_id)
    detail = {"force_id": force_id, "site": site, "role": role}
    await note(work, actor, pilot, "join", before=pilot.state, reason=name, detail=detail)
    await alerts.joined(work, pilot, name)


async def approve_joining(work: UnitOfWork, actor: Actor, command: ApproveJoining) -> Pilot:
    """The joining force's owner approves; what the passport does not cover is for its reviewers.

    Raises NotFound, Denied, WrongState after the lock, Conflict the second time.
    """
    pilot, joining = await _own(work, actor, command, Permission.PILOT_APPROVE)
    await listed(work, pilot.technology_id)
    if joining.approved_at is not None:
        raise Conflict("Your force has approved this already.")
    joining.approved_at = work.now
    if await gates.set_for(work, pilot, joining.force_id):
        joining.assured_at = work.now
    name = await name_of(work, joining.force_id)
    said = f"{name}: {command.reason}" if command.reason else name
    await note(work, actor, pilot, "approve_joining", before=pilot.state, reason=said)
    await passport.keep(work, pilot)
    return pilot


async def leave(work: UnitOfWork, actor: Actor, command: LeavePilot) -> Pilot:
    """The force takes no part after all: its innovation lead or its owner says so before the lock.

    Raises as `approve_joining` does.
    """
    can_lead = actor.with_permission(Permission.PILOT_REQUEST)
    permission = Permission.PILOT_REQUEST if can_lead else Permission.PILOT_APPROVE
    pilot, joining = await _own(work, actor, command, permission)
    joining.left_at, joining.left_reason = work.now, command.reason
    name = await name_of(work, joining.force_id)
    reason = f"{name}: {command.reason}"
    await note(work, actor, pilot, "leave", before=pilot.state, reason=reason)
    await tasks.pass_on(work, actor, pilot, joining.force_id)
    await passport.keep(work, pilot)
    return pilot


async def settle(work: UnitOfWork, actor: Actor, pilot: Pilot, *, leave_out: bool) -> None:
    """Before the lock: every joined force has approved and signed, or is left out.

    Raises WrongState, naming them, where some have not and `leave_out` does not say so.
    """
    waiting = [f for f in await taking_part(work, pilot) if not (f.approved_at and f.assured_at)]
    if not waiting:
        return
    names = [await name_of(work, force.force_id) for force in waiting]
    if not leave_out:
        raise WrongState(
            f"{' and '.join(names)} joined and have not approved and signed yet: wait for them, or "
            "lock without them."
        )
    for force, name in zip(waiting, names, strict=True):
        why = "It had not approved and signed when the protocol was locked."
        force.left_at, force.left_reason = work.now, why
        await note(work, actor, pilot, "leave_out", before=pilot.state, reason=f"{name}. {why}")
        await tasks.pass_on(work, actor, pilot, force.force_id)


async def acting_force(
    work: UnitOfWork, actor: Actor, pilot: Pilot, permission: Permission, force_id: int | None
) -> int:
    """The force of this pilot for which the actor holds the permission.

    Raises NotSignedIn, Denied where it is none of the pilot's, or several and none is named.
    """
    forces = {force.force_id for force in await taking_part(work, pilot)}
    if pilot.force_id is not None:
        forces.add(pilot.force_id)
    if force_id is not None:
        actor.require(permission, force_id)
        own = forces & {force_id}
    else:
        own = forces & set(actor.with_permission(permission))
    if not own:
        actor.require(permission, pilot.force_id)
        raise Denied("Your force takes no part in this pilot.")
    if len(own) > 1:
        raise Denied("You may do this for several forces of this pilot: name one.")
    return own.pop()


async def recorded(
    work: UnitOfWork, actor: Actor, pilot: Pilot, force_id: int | None, reason: str | None
) -> None:
    """One of the pilot's forces handed in the data of its sites; `reason` says what it corrects."""
    joined = None if force_id is None else await participant(work, pilot, force_id)
    if joined is None:
        await note(work, actor, pilot, "record_data", before=pilot.state, reason=reason)
        return
    joined.recorded_at = joined.recorded_at or work.now
    name = await name_of(work, joined.force_id)
    said = f"{name}: {reason}" if reason else name
    await note(work, actor, pilot, "record_site_data", before=pilot.state, reason=said)


async def _own(
    work: UnitOfWork,
    actor: Actor,
    command: ApproveJoining | LeavePilot,
    permission: Permission,
) -> tuple[Pilot, PilotForce]:
    pilot = await held(work, actor, command.pilot_id)
    force_id = await acting_force(work, actor, pilot, permission, command.force_id)
    seen(pilot, command.revision)
    joining = await participant(work, pilot, force_id)
    if joining is None:
        raise Denied("Your force runs this pilot: it did not join it.")
    if pilot.state not in JOINABLE:
        raise WrongState("Forces join and leave a pilot until its protocol is locked.")
    return pilot, joining


async def joined_in_place(work: UnitOfWork, actor: Actor, own: Pilot, join_id: int) -> Pilot:
    """The pilot that `own`'s force joins instead. Raises Invalid, field `join_id`, for one of
    another technology or one that cannot be joined any more."""
    try:
        other = await held(work, actor, join_id)
    except NotFound:
        raise Invalid("There is no such pilot.", field="join_id") from None
    if other.technology_id != own.technology_id or other.id == own.id:
        raise Invalid("Join a pilot of the same technology.", field="join_id")
    if other.state not in JOINABLE:
        raise Invalid("Its protocol is locked: replicate it instead.", field="join_id")
    if own.force_id is not None:
        await enter(work, actor, other, own.force_id, own.site, SiteRole.TREATMENT)
    return other


async def _keep_site(
    work: UnitOfWork, pilot: Pilot, force_id: int, name: str, role: SiteRole
) -> None:
    site = await work.session.scalar(
        select(PilotSite).where(
            PilotSite.pilot_id == pilot.id, PilotSite.force_id == force_id, PilotSite.name == name
        )
    )
    if site is None:
        site = PilotSite(pilot_id=pilot.id, force_id=force_id, name=name, created_at=work.now)
        work.session.add(site)
    site.role = role
