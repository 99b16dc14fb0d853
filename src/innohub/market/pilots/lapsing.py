"""Pilots that nobody moves: reminded, put before the senior responsible owner, and ended."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Denied, WrongState
from innohub.identity.actor import Actor, ActorKind
from innohub.market.pilots import alerts
from innohub.market.pilots.commands import LapsePilot
from innohub.market.pilots.models import PILOT, Pilot, PilotStep
from innohub.market.pilots.timeline import held, move, note, seen
from innohub.market.pilots.together import passport

IDLE = timedelta(days=90)
REMINDERS = {"remind": 30, "remind_again": 60, "escalate": 75}
"""The hub's own steps on an idle pilot, each with the days without a step after which it comes.
None of them counts as a step."""
GRACE = timedelta(days=14)
"""At least so long after the second reminder, also where the hub itself stood still meanwhile."""
REASON = "Nobody moved this pilot for 90 days, and two reminders went unanswered."


async def remind_or_lapse(work: UnitOfWork, actor: Actor, pilot: Pilot) -> None:
    """Take the one step that is due on an idle pilot, if any: the next reminder, or its end."""
    if not PILOT.allows("lapse", pilot.state):
        return
    last, reminders = await _idleness(work, pilot)
    idle = work.now - last.created_at
    sent = {step.verb for step in reminders}
    for verb, days in REMINDERS.items():
        if verb not in sent and idle >= timedelta(days=days):
            await note(work, actor, pilot, verb, before=pilot.state)
            await alerts.idle(work, pilot, days, after=last.id, to_owner=verb == "escalate")
            return
    if idle >= IDLE and _warned(reminders, work):
        await _end(work, actor, pilot, REASON)


async def lapse(work: UnitOfWork, actor: Actor, command: LapsePilot) -> Pilot:
    """End a pilot on which nobody took a step for 90 days before its protocol was locked.

    Only the hub itself does, once its reminders went unanswered: raises Denied to everybody else,
    NotFound, WrongState for a pilot that got further, is not idle long enough or was not reminded
    twice.
    """
    if actor.kind is not ActorKind.SYSTEM:
        raise Denied("Only the hub itself lets a pilot lapse.")
    pilot = await held(work, actor, command.pilot_id)
    seen(pilot, command.revision)
    PILOT.after("lapse", pilot.state)
    last, reminders = await _idleness(work, pilot)
    if last.created_at > work.now - IDLE:
        raise WrongState(f"This pilot was moved within the last {IDLE.days} days.")
    if not _warned(reminders, work):
        raise WrongState("This pilot lapses once two reminders went unanswered.")
    await _end(work, actor, pilot, command.reason)
    return pilot


async def _end(work: UnitOfWork, actor: Actor, pilot: Pilot, reason: str) -> None:
    pilot.closing_reason = reason
    await move(work, actor, pilot, "lapse", reason=reason)
    await passport.keep(work, pilot)
    await alerts.lapsed(work, pilot)


def _warned(reminders: Sequence[PilotStep], work: UnitOfWork) -> bool:
    sent = {step.verb: step.created_at for step in reminders}
    again = sent.get("remind_again")
    return "remind" in sent and again is not None and again <= work.now - GRACE


async def _idleness(work: UnitOfWork, pilot: Pilot) -> tuple[PilotStep, list[PilotStep]]:
    """The last step that anybody took, and the hub's reminders since."""
    steps = await work.session.scalars(
        select(PilotStep).where(PilotStep.pilot_id == pilot.id).order_by(PilotStep.id.desc())
    )
    reminders: list[PilotStep] = []
    for step in steps:
        if step.verb not in REMINDERS:
            return step, reminders
        reminders.append(step)
    raise WrongState("This pilot has taken no step at all.")
