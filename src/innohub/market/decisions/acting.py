"""Decide: find what waits, with the decider's own eyes, and run the owning capability's command.

No rule of the capability is repeated here. Somebody to whom a decision was passed on acts with that
one permission more, for that one command, and in the name of both.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Date, literal, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid, NotFound, NotSignedIn, WrongState
from innohub.identity.actor import Actor, Seat
from innohub.identity.models import OrganisationKind, Person
from innohub.identity.permissions import Permission
from innohub.identity.step_up import require_recent_proof
from innohub.identity.viewer import Viewer
from innohub.market.decisions import policy
from innohub.market.decisions.commands import ApproveDecision, DeclineDecision
from innohub.market.decisions.models import DecisionDelegation
from innohub.market.decisions.sources import SOURCES
from innohub.market.decisions.sources.shape import Act, Given, Source
from innohub.market.decisions.waiting import Decision
from innohub.market.working_days import london_date
from innohub.notices.models import NoticeKind
from innohub.notices.service import notify_person
from innohub.outbox.service import record


@dataclass(frozen=True)
class Decided:
    """What was decided: it waits no more, so there is no row of it."""

    id: int
    """The force's."""
    line: str
    path: str
    """The page of what it was about."""


async def approve(work: UnitOfWork, actor: Actor, command: ApproveDecision) -> Decided:
    """Approve what is asked.

    Raises NotSignedIn; StepUpRequired; NotFound for what does not wait, or not for the actor;
    Invalid for a choice that there is not; and whatever the owning capability's command raises.
    """
    row = await waiting_for(work, actor, command.decision_id)
    require_recent_proof(actor, work.now)
    source = SOURCES[row.kind]
    return await _decide(work, actor, row, source, source.approve, "approve", command)


async def decline(work: UnitOfWork, actor: Actor, command: DeclineDecision) -> Decided:
    """Decline what is asked. Raises as `approve`, and WrongState for what can only be left."""
    row = await waiting_for(work, actor, command.decision_id)
    require_recent_proof(actor, work.now)
    source = SOURCES[row.kind]
    if source.decline is None:
        raise WrongState(f"There is nothing to decline. {row.if_silent}")
    return await _decide(work, actor, row, source, source.decline, "decline", command)


async def waiting_for(work: UnitOfWork, actor: Actor, decision_id: int) -> Decision:
    """What waits for the actor today. Raises NotSignedIn, NotFound."""
    if not actor.signed_in:
        raise NotSignedIn("Sign in to decide this.")
    seen = policy.visible(Decision, Viewer(actor), literal(london_date(work.now), Date))
    row = await work.session.scalar(select(Decision).where(Decision.id == decision_id, seen))
    if row is None:
        raise NotFound("This does not wait for you: it is decided already, or was never yours.")
    return row


def may_take(actor: Actor, row: Decision) -> bool:
    """Whether the actor may take it by a role of their own."""
    needed = (Permission.DECISION_TAKE, SOURCES[row.kind].permission)
    return all(actor.may(permission, row.force_id) for permission in needed)


async def standing(work: UnitOfWork, decision_id: int, today: date) -> DecisionDelegation | None:
    """The delegation that counts, its row locked: who takes it back and who uses it take turns."""
    return await work.session.scalar(
        select(DecisionDelegation)
        .where(
            DecisionDelegation.decision_id == decision_id,
            policy.counts(DecisionDelegation, literal(today, Date)),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )


async def _decide(
    work: UnitOfWork,
    actor: Actor,
    row: Decision,
    source: Source,
    act: Act,
    verb: str,
    command: ApproveDecision | DeclineDecision,
) -> Decided:
    given = _given(command, act)
    delegation = await standing(work, row.id, london_date(work.now))
    if may_take(actor, row):
        await act.run(work, actor, row, given)
        if delegation is not None:
            delegation.ended_at = work.now
            detail = {"kind": row.kind, "because": f"{verb} by who may take it"}
            await record(work, "decision:end_delegation", delegation, detail=detail)
    else:
        if delegation is None or delegation.person_id != actor.person_id:
            raise NotFound("This was passed on to you, and is so no longer.")
        await _act_for(work, actor, row, source, act, verb, given, delegation)
    return Decided(row.force_id, row.line, row.path)


async def _act_for(
    work: UnitOfWork,
    actor: Actor,
    row: Decision,
    source: Source,
    act: Act,
    verb: str,
    given: Given,
    delegation: DecisionDelegation,
) -> None:
    giver = await work.session.get_one(Person, delegation.by_id)
    seat = Seat(row.force_id, OrganisationKind.FORCE, frozenset({source.permission}))
    both = replace(actor, name=f"{actor.name}, for {giver.name}", seats=(*actor.seats, seat))
    await act.run(work, both, row, given)
    delegation.acted_at = work.now
    detail = {"kind": row.kind, "on_behalf_of": delegation.by_id}
    await record(work, f"decision:{verb}", delegation, detail=detail, reason=given.reason)
    await notify_person(
        work,
        kind=NoticeKind.DECISION,
        person_id=delegation.by_id,
        text=f"{actor.name} decided in your place: {act.words.lower()}. {row.line}.",
        path=row.path,
        key=f"delegation:{delegation.id}:acted",
    )


def _given(command: Any, act: Act) -> Given:
    if act.choices and command.choice not in act.choices:
        raise Invalid("Choose one: " + "; ".join(act.choices.values()) + ".", field="choice")
    if not act.choices and command.choice is not None:
        raise Invalid("There is nothing to choose here.", field="choice")
    if act.learns and command.learned is None:
        raise Invalid("Note what supported or obstructed it.", field="learned")
    return Given(command.reason, command.revision, command.choice, command.learned)
