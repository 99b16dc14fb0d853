"""While it runs: from the start to the end of its running time."""

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Denied
from innohub.identity.actor import Actor, ActorKind
from innohub.identity.permissions import Permission
from innohub.market.pilots import events
from innohub.market.pilots.commands import FinishPilot, StartPilot
from innohub.market.pilots.halting import end_running
from innohub.market.pilots.models import PILOT, Pilot
from innohub.market.pilots.technology import listed
from innohub.market.pilots.timeline import held, move, require_force, seen
from innohub.market.working_days import london_date


async def start(work: UnitOfWork, actor: Actor, command: StartPilot) -> Pilot:
    """Begin. The baseline was entered with the protocol: its lock is what a start needs.

    Raises WrongState where the listing is not published any more.
    """
    pilot = await held(work, actor, command.pilot_id)
    require_force(actor, Permission.PILOT_RUN, pilot)
    seen(pilot, command.revision)
    PILOT.after("start", pilot.state)
    await listed(work, pilot.technology_id)
    pilot.started_on = london_date(work.now)
    event = events.PilotStarted(**await events.subject(work, pilot))
    await move(work, actor, pilot, "start", event=event)
    return pilot


async def finish(work: UnitOfWork, actor: Actor, command: FinishPilot) -> Pilot:
    """End the running time as planned, and freeze the data. Before the planned end only the senior
    responsible owner may: raises Denied to others. Once it is over, the hub does it by itself."""
    pilot = await held(work, actor, command.pilot_id)
    if actor.kind is not ActorKind.SYSTEM:
        require_force(actor, Permission.PILOT_RUN, pilot)
    seen(pilot, command.revision)
    PILOT.after("finish", pilot.state)
    early = london_date(work.now) < pilot.end_on
    if early and not actor.may(Permission.PILOT_APPROVE, pilot.force_id):
        raise Denied("Before the planned end, the senior responsible owner ends the pilot.")
    end_running(work, pilot)
    await move(work, actor, pilot, "finish", detail={"early": early})
    return pilot
