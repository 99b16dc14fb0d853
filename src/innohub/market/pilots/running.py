"""While it runs: start, pause, resume, stop, finish."""

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Denied, WrongState
from innohub.identity.actor import SYSTEM, Actor
from innohub.identity.models import OrganisationKind
from innohub.identity.permissions import Permission
from innohub.market.catalogue.models import ListingState
from innohub.market.pilots import events
from innohub.market.pilots.commands import (
    FinishPilot,
    PausePilot,
    ResumePilot,
    StartPilot,
    StopPilot,
)
from innohub.market.pilots.models import PILOT, Pilot, PilotState
from innohub.market.pilots.scoping import listed, listed_row
from innohub.market.pilots.timeline import held, move, require_force, seen
from innohub.market.working_days import london_date


async def start(work: UnitOfWork, actor: Actor, command: StartPilot) -> Pilot:
    """Begin. Raises WrongState where the listing is not published any more."""
    pilot = await held(work, actor, command.pilot_id)
    require_force(actor, Permission.PILOT_RUN, pilot)
    seen(pilot, command.revision)
    PILOT.after("start", pilot.state)
    await listed(work, pilot.technology_id)
    event = events.PilotStarted(**await events.subject(work, pilot))
    await move(work, actor, pilot, "start", event=event)
    return pilot


async def pause(work: UnitOfWork, actor: Actor, command: PausePilot) -> Pilot:
    """Halt it: the force's senior responsible owner, or the company's assurance officer."""
    pilot = await held(work, actor, command.pilot_id)
    if not _oversees(actor):
        require_force(actor, Permission.PILOT_PAUSE, pilot)
    seen(pilot, command.revision)
    PILOT.after("pause", pilot.state)
    pilot.closing_reason = command.reason
    facts = await events.subject(work, pilot)
    event = events.PilotPaused(**facts, reason=command.reason)
    await move(work, actor, pilot, "pause", reason=command.reason, event=event)
    return pilot


async def resume(work: UnitOfWork, actor: Actor, command: ResumePilot) -> Pilot:
    """Go on after a pause: the senior responsible owner's word. Not while the listing is
    suspended, which raises WrongState."""
    pilot = await held(work, actor, command.pilot_id)
    require_force(actor, Permission.PILOT_PAUSE, pilot)
    seen(pilot, command.revision)
    PILOT.after("resume", pilot.state)
    technology = await listed_row(work, pilot.technology_id)
    if technology is None or technology.state is ListingState.SUSPENDED:
        raise WrongState("This technology is suspended: the pilot cannot go on.")
    pilot.closing_reason = None
    event = events.PilotResumed(**await events.subject(work, pilot))
    await move(work, actor, pilot, "resume", reason=command.reason, event=event)
    return pilot


async def stop(work: UnitOfWork, actor: Actor, command: StopPilot) -> Pilot:
    """End it early and for good. What was found until then is still analysed and published."""
    pilot = await held(work, actor, command.pilot_id)
    require_force(actor, Permission.PILOT_PAUSE, pilot)
    seen(pilot, command.revision)
    PILOT.after("stop", pilot.state)
    pilot.closing_reason, pilot.stop_reason = command.reason, command.stop_reason
    facts = await events.subject(work, pilot)
    event = events.PilotStopped(**facts, stop_reason=command.stop_reason, reason=command.reason)
    detail = {"stop_reason": command.stop_reason}
    await move(work, actor, pilot, "stop", reason=command.reason, detail=detail, event=event)
    return pilot


async def finish(work: UnitOfWork, actor: Actor, command: FinishPilot) -> Pilot:
    """End the running time as planned. Before the planned end only the senior responsible owner
    may: raises Denied to others."""
    pilot = await held(work, actor, command.pilot_id)
    require_force(actor, Permission.PILOT_RUN, pilot)
    seen(pilot, command.revision)
    PILOT.after("finish", pilot.state)
    early = london_date(work.now) < pilot.end_on
    if early and not actor.may(Permission.PILOT_APPROVE, pilot.force_id):
        raise Denied("Before the planned end, the senior responsible owner ends the pilot.")
    await move(work, actor, pilot, "finish", detail={"early": early})
    return pilot


async def analyse_stopped(work: UnitOfWork, pilot: Pilot) -> None:
    """A stopped pilot goes on to its analysis as soon as somebody works on its data."""
    if pilot.state is PilotState.STOPPED:
        await move(work, SYSTEM, pilot, "analyse_stopped")


def _oversees(actor: Actor) -> bool:
    return any(
        seat.kind is OrganisationKind.COMPANY and Permission.PILOT_PAUSE in seat.permissions
        for seat in actor.seats
    )
