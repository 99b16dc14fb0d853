"""The end of a pilot that nobody moved on before it began."""

from datetime import timedelta

from sqlalchemy import func, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Denied, NotFound, WrongState
from innohub.identity.actor import Actor, ActorKind
from innohub.market.pilots.commands import LapsePilot
from innohub.market.pilots.models import PILOT, Pilot, PilotStep
from innohub.market.pilots.timeline import move, seen

IDLE = timedelta(days=90)


async def lapse(work: UnitOfWork, actor: Actor, command: LapsePilot) -> Pilot:
    """End a pilot on which nobody took a step for 90 days before its protocol was locked.

    Only the hub itself does, once its reminders went unanswered: raises Denied to everybody else,
    NotFound, WrongState for a pilot that got further or is not idle long enough.
    """
    if actor.kind is not ActorKind.SYSTEM:
        raise Denied("Only the hub itself lets a pilot lapse.")
    pilot = await _locked(work, command.pilot_id)
    seen(pilot, command.revision)
    PILOT.after("lapse", pilot.state)
    newest = select(func.max(PilotStep.created_at)).where(PilotStep.pilot_id == pilot.id)
    last = await work.session.scalar(newest)
    if last is not None and last > work.now - IDLE:
        raise WrongState(f"This pilot was moved within the last {IDLE.days} days.")
    pilot.closing_reason = command.reason
    await move(work, actor, pilot, "lapse", reason=command.reason)
    return pilot


async def _locked(work: UnitOfWork, id: int) -> Pilot:
    # The hub itself has no seat that a policy could look at.
    found = await work.session.scalars(
        select(Pilot)
        .where(Pilot.id == id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    pilot = found.one_or_none()
    if pilot is None:
        raise NotFound("There is no such pilot.")
    return pilot
