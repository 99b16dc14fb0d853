"""What falls due on pilots by the calendar alone: ends, reminders, lapses. Nothing rots."""

from datetime import timedelta

import structlog
from sqlalchemy import exists, or_, select

from innohub.db.unit_of_work import Database, UnitOfWork
from innohub.errors import InnoHubError
from innohub.identity.actor import SYSTEM, Actor
from innohub.market.pilots import turns
from innohub.market.pilots.commands import FinishPilot, TendPilot
from innohub.market.pilots.halting import analyse_stopped
from innohub.market.pilots.lapsing import REMINDERS, remind_or_lapse
from innohub.market.pilots.models import PILOT, Pilot, PilotState, PilotStep, PilotTurn
from innohub.market.pilots.results_due import remind_of_result, step_due
from innohub.market.pilots.running import finish
from innohub.market.pilots.timeline import held
from innohub.market.working_days import london_date
from innohub.outbox.service import record

log = structlog.get_logger()

OVER = {PilotState.PUBLISHED, PilotState.DECLINED, PilotState.LAPSED}


async def tend(work: UnitOfWork, actor: Actor, command: TendPilot) -> Pilot:
    """Take the step that the calendar asks of the hub, if any. Raises NotFound.

    A running pilot ends on the day after its planned end, a stopped one goes on to its analysis on
    the day after its stop, one that lies idle before its lock is reminded of and lapses, and one
    that owes a result is reminded of that.
    """
    pilot = await held(work, actor, command.pilot_id)
    today = london_date(work.now)
    if pilot.state is PilotState.RUNNING and pilot.end_on < today:
        await finish(work, actor, FinishPilot(pilot_id=pilot.id))
    elif pilot.state is PilotState.STOPPED and (pilot.ended_on is None or pilot.ended_on < today):
        await analyse_stopped(work, pilot)
    else:
        await remind_or_lapse(work, actor, pilot)
    await remind_of_result(work, actor, pilot)
    await _turns_of_old(work, pilot)
    return pilot


async def tend_pilots(database: Database) -> int:
    """Tend every pilot that may need it, each in a unit of work of its own, so that one that fails
    does not hold up the others; how many there were."""
    today = london_date(database.clock())
    moved = exists().where(
        PilotStep.pilot_id == Pilot.id,
        PilotStep.verb.not_in(list(REMINDERS)),
        PilotStep.created_at > database.clock() - timedelta(days=min(REMINDERS.values())),
    )
    before_lock = next(step.sources for step in PILOT.transitions if step.verb == "lapse")
    due = (
        select(Pilot.id)
        .where(
            Pilot.force_id.is_not(None),
            or_(
                (Pilot.state == PilotState.RUNNING) & (Pilot.end_on < today),
                Pilot.state == PilotState.STOPPED,
                Pilot.state.in_(list(before_lock)) & ~moved,
                step_due(Pilot, today),
                Pilot.state.not_in(list(OVER))
                & ~exists().where(PilotTurn.pilot_id == Pilot.id)
                & (Pilot.state != PilotState.DECIDED),
            ),
        )
        .order_by(Pilot.id)
    )
    async with database.session() as session:
        ids = (await session.scalars(due)).all()
    for id in ids:
        try:
            async with database.unit_of_work(SYSTEM.signature()) as work:
                await tend(work, SYSTEM, TendPilot(pilot_id=id))
        except InnoHubError as error:
            log.warning("pilot_not_tended", pilot_id=id, why=error.message)
    return len(ids)


async def _turns_of_old(work: UnitOfWork, pilot: Pilot) -> None:
    """Say whose turn it is for a pilot that moved last before turns were kept."""
    kept = await work.session.scalar(
        select(PilotTurn.id).where(PilotTurn.pilot_id == pilot.id).limit(1)
    )
    if kept is None and pilot.state not in OVER:
        await turns.sync(work, pilot)
        await record(work, "pilot:keep_turns", pilot)
