"""Results that fall due: their forces are reminded, and the world hears of what stays away.

The vocabulary asks for reminders and names no days; these are the market's own. It does name the
thirty days after which a result is called unreported.
"""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, case, exists, literal, null, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.actor import Actor
from innohub.market.pilots import alerts, register
from innohub.market.pilots.events import PilotOverdue, subject
from innohub.market.pilots.models import Pilot, PilotStep
from innohub.market.pilots.timeline import note
from innohub.market.working_days import london_date

REMINDERS = {"remind_of_result": 30, "remind_of_result_again": 7, "result_due": 0}
"""The hub's own steps on a pilot that owes a result, each with the days that are left then."""
OVERDUE = "result_overdue"
"""The step with which it becomes unreported."""


def step_due(pilot: Any, today: date) -> ColumnElement[bool]:
    """Pilots on which the step of that day was not taken yet."""
    verb = _verb(pilot, today)
    taken = exists().where(PilotStep.pilot_id == pilot.id, PilotStep.verb == verb)
    return and_(register.owing(pilot), verb.is_not(None), ~taken)


def _verb(pilot: Any, today: date) -> ColumnElement[str]:
    """The step that the due day asks for; NULL while it is far off. A hub that stood still takes
    the last of the steps that it missed, and none before it."""
    day = literal(today, Date)
    left = register.due_on(pilot) - day
    sooner = sorted(REMINDERS.items(), key=lambda reminder: reminder[1])
    return case(
        (register.unreported(pilot, day), OVERDUE),
        *((left <= days, verb) for verb, days in sooner),
        else_=null(),
    )


async def remind_of_result(work: UnitOfWork, actor: Actor, pilot: Pilot) -> None:
    """Take the one step that its due day asks of the hub, if any. The pilot's row must be locked:
    so each step is taken once, however many workers look."""
    await work.session.flush()
    today = london_date(work.now)
    found = await work.session.execute(
        select(_verb(Pilot, today), register.due_on(Pilot)).where(
            Pilot.id == pilot.id, step_due(Pilot, today)
        )
    )
    for verb, due_on in found:
        if verb == OVERDUE:
            event = PilotOverdue(**await subject(work, pilot), result_due_on=due_on)
            await note(work, actor, pilot, verb, before=pilot.state, event=event)
            await alerts.result_overdue(work, pilot, due_on)
        else:
            await note(work, actor, pilot, verb, before=pilot.state)
            await alerts.result_due(work, pilot, verb, due_on, _unreported_on(due_on))


def _unreported_on(due_on: date) -> date:
    return due_on + register.GRACE + timedelta(days=1)
