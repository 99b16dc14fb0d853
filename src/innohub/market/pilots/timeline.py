"""Moving a pilot: the machine checks each step, the timeline keeps it, the audit names who."""

from typing import Any

from sqlalchemy import select, true

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Denied, NotFound
from innohub.identity.actor import Actor, ActorKind
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.pilots import alerts, policy, turns
from innohub.market.pilots.models import PILOT, Pilot, PilotState, PilotStep
from innohub.outbox.service import DomainEvent, record


async def held(work: UnitOfWork, actor: Actor, pilot_id: int) -> Pilot:
    """The pilot, its row locked until the end of the unit of work.

    Two people who act on one pilot take turns here; the second sees what the first did.
    Raises NotFound where the actor may not see it. The hub itself sees every pilot: it has no seat
    that a policy could look at.
    """
    is_hub = actor.kind is ActorKind.SYSTEM
    visible = true() if is_hub else policy.visible(Pilot, Viewer(actor))
    found = await work.session.scalars(
        select(Pilot)
        .where(Pilot.id == pilot_id, visible)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    pilot = found.one_or_none()
    if pilot is None:
        raise NotFound("There is no such pilot.")
    return pilot


def require_force(actor: Actor, permission: Permission, pilot: Pilot) -> None:
    """Raise unless the actor holds the permission in the pilot's own force."""
    if pilot.force_id is None:
        # Asking for a permission in no organisation would ask for it in any.
        actor.require(permission)
        raise Denied("A trial from the literature cannot be changed.")
    actor.require(permission, pilot.force_id)


def seen(pilot: Pilot, revision: int | None) -> None:
    """Raise Conflict where the person looked at an older state than the stored one."""
    if revision is not None and revision != pilot.revision:
        raise Conflict("Somebody else changed this pilot meanwhile. Load it again.")


async def move(
    work: UnitOfWork,
    actor: Actor,
    pilot: Pilot,
    verb: str,
    *,
    reason: str | None = None,
    detail: dict[str, Any] | None = None,
    event: DomainEvent | None = None,
) -> None:
    """Take the machine's step `verb`. Raises WrongState where it is not allowed now."""
    before = pilot.state
    pilot.state = PILOT.after(verb, before)
    await note(work, actor, pilot, verb, before=before, reason=reason, detail=detail, event=event)


async def note(
    work: UnitOfWork,
    actor: Actor,
    pilot: Pilot,
    verb: str,
    *,
    before: PilotState | None,
    reason: str | None = None,
    detail: dict[str, Any] | None = None,
    event: DomainEvent | None = None,
) -> None:
    """Write the step that was taken, and whose turn it is now; `before` equals the state where
    nothing moved."""
    step = PilotStep(
        pilot_id=pilot.id,
        verb=verb,
        from_state=before,
        to_state=pilot.state,
        by_name=actor.name,
        reason=reason,
        created_at=work.now,
    )
    work.session.add(step)
    moved = {"from": before, "to": pilot.state}
    await record(
        work, f"pilot:{verb}", pilot, detail=moved | (detail or {}), reason=reason, event=event
    )
    await turns.sync(work, pilot)
    if verb == "pause":
        await alerts.paused(work, pilot, step.id)
    elif verb == "publish":
        await alerts.published(work, pilot)
