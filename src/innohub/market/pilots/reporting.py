"""From the reported result to the published one. The evidence capability calls these steps with
the numbers in hand; the rules about the pilot itself stand here."""

from collections.abc import Mapping
from datetime import date

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, WrongState
from innohub.identity.actor import SYSTEM, Actor
from innohub.market.pilots.models import PILOT, Pilot, PilotDecision, PilotState
from innohub.market.pilots.timeline import move, note
from innohub.market.working_days import add_working_days, london_date
from innohub.outbox.service import DomainEvent

COMMENT_WORKING_DAYS = 10
COMMENTED_IN = {PilotState.REPORTED, PilotState.DECIDED}


def comment_due_on(work: UnitOfWork) -> date:
    """The last day of the supplier's time for factual comment on a result reported today."""
    return add_working_days(london_date(work.now), COMMENT_WORKING_DAYS)


def may_publish(pilot: Pilot, today: date) -> bool:
    """Whether it is decided, and the supplier has answered or its time is over."""
    answered = pilot.supplier_answered_at is not None
    closed = pilot.comment_due_on is not None and pilot.comment_due_on < today
    return pilot.state is PilotState.DECIDED and (answered or closed)


async def report(
    work: UnitOfWork, actor: Actor, pilot: Pilot, due_on: date, event: DomainEvent | None = None
) -> None:
    """The result is confirmed: the supplier may comment on its facts until `due_on`.

    There is no `event` of a result where a stopped pilot has none to tell.
    """
    PILOT.after("report", pilot.state)
    pilot.comment_due_on = due_on
    pilot.reported_at = pilot.reported_at or work.now
    await move(work, actor, pilot, "report", detail={"comment_due_on": due_on}, event=event)


async def answer(work: UnitOfWork, actor: Actor, pilot: Pilot, comment: str | None) -> None:
    """Keep the supplier's factual comment, or its word that it has none.

    Raises WrongState before the report and after the window, Conflict the second time.
    """
    if pilot.state not in COMMENTED_IN:
        raise WrongState("The supplier comments between the report and the publication.")
    if pilot.supplier_answered_at is not None:
        raise Conflict("The supplier has answered already.")
    if pilot.comment_due_on is not None and pilot.comment_due_on < london_date(work.now):
        raise WrongState("The time for comment is over.")
    pilot.supplier_comment, pilot.supplier_answered_at = comment, work.now
    await note(work, actor, pilot, "comment", before=pilot.state)


async def decide(
    work: UnitOfWork,
    actor: Actor,
    pilot: Pilot,
    decision: PilotDecision,
    reason: str,
    notes: Mapping[str, str | None],
) -> None:
    """Keep the decision with its reason, and EMMIE's `notes` by the names of their columns."""
    PILOT.after("decide", pilot.state)
    pilot.decision, pilot.decision_reason = decision, reason
    for name, text in notes.items():
        setattr(pilot, name, text)
    await move(work, actor, pilot, "decide", reason=reason, detail={"decision": decision})


async def publish(work: UnitOfWork, pilot: Pilot, event: DomainEvent | None = None) -> None:
    """Raises WrongState while the supplier may still comment."""
    PILOT.after("publish", pilot.state)
    if not may_publish(pilot, london_date(work.now)):
        raise WrongState("The supplier may still comment on this result.")
    pilot.published_at = work.now
    await move(work, SYSTEM, pilot, "publish", event=event)
