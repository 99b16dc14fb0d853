"""A pilot that halts: paused, and going on only when whoever paused it agrees; or stopped."""

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Denied, WrongState
from innohub.identity.actor import SYSTEM, Actor, ActorKind
from innohub.identity.models import OrganisationKind
from innohub.identity.permissions import Permission
from innohub.market.catalogue.models import ListingState
from innohub.market.pilots import events
from innohub.market.pilots.commands import AgreeToResume, PausePilot, ResumePilot, StopPilot
from innohub.market.pilots.models import PILOT, PausedBy, Pilot, PilotState
from innohub.market.pilots.technology import listed_row
from innohub.market.pilots.timeline import held, move, note, require_force, seen
from innohub.market.working_days import london_date


async def pause(
    work: UnitOfWork, actor: Actor, command: PausePilot, *, told: str | None = None
) -> Pilot:
    """Halt it: the force's senior responsible owner, the company's assurance officer, or the hub
    itself where a stop rule of the protocol is met. `told` is the reason as it may leave the hub,
    where that is not the whole of it."""
    pilot = await held(work, actor, command.pilot_id)
    paused_by = _halting(actor, pilot)
    seen(pilot, command.revision)
    PILOT.after("pause", pilot.state)
    pilot.closing_reason = command.reason
    pilot.paused_by, pilot.resume_agreed_at = paused_by, None
    facts = await events.subject(work, pilot)
    event = events.PilotPaused(**facts, reason=told or command.reason)
    detail = {"paused_by": paused_by}
    await move(work, actor, pilot, "pause", reason=command.reason, detail=detail, event=event)
    return pilot


async def agree_to_resume(work: UnitOfWork, actor: Actor, command: AgreeToResume) -> Pilot:
    """The assurance officer agrees that a pause of theirs, or of a stop rule, may end.

    Raises WrongState for a pause of the force's own, Conflict the second time.
    """
    pilot = await held(work, actor, command.pilot_id)
    if not oversees(actor):
        actor.require(Permission.PILOT_PAUSE)
        raise Denied("The market's assurance officer agrees to this, not the force.")
    seen(pilot, command.revision)
    PILOT.after("resume", pilot.state)
    if pilot.paused_by is PausedBy.FORCE:
        raise WrongState("The force paused this pilot itself: it needs nobody's agreement.")
    if pilot.resume_agreed_at is not None:
        raise Conflict("It is agreed already that this pilot may go on.")
    pilot.resume_agreed_at = work.now
    await note(work, actor, pilot, "agree_to_resume", before=pilot.state, reason=command.reason)
    return pilot


async def resume(work: UnitOfWork, actor: Actor, command: ResumePilot) -> Pilot:
    """Go on after a pause: the senior responsible owner's word, once whoever paused it agrees.

    Raises WrongState before that agreement, and while the listing is suspended.
    """
    pilot = await held(work, actor, command.pilot_id)
    require_force(actor, Permission.PILOT_PAUSE, pilot)
    seen(pilot, command.revision)
    PILOT.after("resume", pilot.state)
    if pilot.paused_by is not PausedBy.FORCE and pilot.resume_agreed_at is None:
        raise WrongState("The assurance officer has not agreed yet that this pilot may go on.")
    technology = await listed_row(work, pilot.technology_id)
    if technology is None or technology.state is ListingState.SUSPENDED:
        raise WrongState("This technology is suspended: the pilot cannot go on.")
    pilot.closing_reason = None
    pilot.paused_by = pilot.resume_agreed_at = None
    event = events.PilotResumed(**await events.subject(work, pilot))
    await move(work, actor, pilot, "resume", reason=command.reason, event=event)
    return pilot


async def stop(work: UnitOfWork, actor: Actor, command: StopPilot) -> Pilot:
    """End it early and for good: its running time is over, and its data are frozen.

    Whether there are data is the evidence capability's to know: call `stop` there.
    """
    pilot = await held(work, actor, command.pilot_id)
    require_force(actor, Permission.PILOT_PAUSE, pilot)
    seen(pilot, command.revision)
    PILOT.after("stop", pilot.state)
    pilot.closing_reason, pilot.stop_reason = command.reason, command.stop_reason
    pilot.no_data_reason = command.no_data_reason
    pilot.paused_by = pilot.resume_agreed_at = None
    end_running(work, pilot)
    facts = await events.subject(work, pilot)
    event = events.PilotStopped(**facts, stop_reason=command.stop_reason, reason=command.reason)
    detail = {"stop_reason": command.stop_reason, "no_data_reason": command.no_data_reason}
    await move(work, actor, pilot, "stop", reason=command.reason, detail=detail, event=event)
    return pilot


async def analyse_stopped(work: UnitOfWork, pilot: Pilot) -> None:
    """A stopped pilot goes on to its analysis as soon as somebody works on its data, or the day
    after."""
    if pilot.state is PilotState.STOPPED:
        await move(work, SYSTEM, pilot, "analyse_stopped")


def end_running(work: UnitOfWork, pilot: Pilot) -> None:
    """The running time is over: what was recorded until now is frozen."""
    pilot.ended_on, pilot.data_frozen_at = london_date(work.now), work.now


def oversees(actor: Actor) -> bool:
    """Whether the actor may pause any force's pilot, for the company."""
    return any(
        seat.kind is OrganisationKind.COMPANY and Permission.PILOT_PAUSE in seat.permissions
        for seat in actor.seats
    )


def _halting(actor: Actor, pilot: Pilot) -> PausedBy:
    if actor.kind is ActorKind.SYSTEM:
        return PausedBy.STOP_RULE
    if pilot.force_id is not None and actor.may(Permission.PILOT_PAUSE, pilot.force_id):
        return PausedBy.FORCE
    if oversees(actor):
        return PausedBy.ASSURANCE_OFFICER
    require_force(actor, Permission.PILOT_PAUSE, pilot)
    return PausedBy.FORCE
