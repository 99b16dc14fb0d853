"""Whose turn it is: after each step of a pilot, who must act next and by when, on either side.

The numbers of working days are the market's own; the ten for factual comment are the vocabulary's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.models import Role
from innohub.market.pilots import alerts
from innohub.market.pilots.headings import missing
from innohub.market.pilots.models import (
    PausedBy,
    Pilot,
    PilotForce,
    PilotState,
    PilotStep,
    PilotTurn,
    Protocol,
    TurnKind,
)
from innohub.market.pilots.participants import taking_part
from innohub.market.working_days import add_working_days, london_date

S, K = PilotState, TurnKind
WORKING_DAYS = {
    K.REQUEST: 10,
    K.CHOOSE_OVERLAP: 10,
    K.ANSWER_REQUEST: 10,
    K.APPROVE_SCOPE: 10,
    K.APPROVE_JOINING: 10,
    K.SIGN_ASSURANCE: 20,
    K.WRITE_PROTOCOL: 20,
    K.LOCK_PROTOCOL: 10,
    K.AGREE_TO_RESUME: 5,
    K.RESUME_OR_STOP: 10,
    K.DECIDE: 10,
}
"""How long each has from the day on which the turn came; the other turns end on a date of the
pilot's own plan."""
ANALYSED_IN = (S.STOPPED, S.ANALYSING)
OF_DATA = ("record_data", "record_site_data", "record_outcome_data", "compute_result")


@dataclass(frozen=True)
class Turn:
    """One thing that is waited for. `due_on` is None where the working days above count."""

    kind: TurnKind
    organisation_id: int | None
    role: Role
    due_on: date | None = None


@dataclass(frozen=True)
class Facts:
    """What whose turn it is hangs on, beside the pilot itself."""

    protocol: Protocol | None
    done: Sequence[str]
    """What was done of recording data and computing the result, the last first, where that counts:
    in the states that wait for the analysis."""
    joined: Sequence[PilotForce] = ()
    """The further forces that have not left."""


async def sync(work: UnitOfWork, pilot: Pilot) -> None:
    """Bring the stored turns of the pilot up to date. One that goes on keeps its day."""
    stored = {
        (row.kind, row.organisation_id, row.role): row
        for row in await work.session.scalars(
            select(PilotTurn).where(PilotTurn.pilot_id == pilot.id)
        )
    }
    today, new = london_date(work.now), list[PilotTurn]()
    for turn in turns_of(pilot, await _facts(work, pilot)) if pilot.force_id else ():
        row = stored.pop((turn.kind, turn.organisation_id, turn.role), None)
        if row is None:
            due_on = turn.due_on or add_working_days(today, WORKING_DAYS[turn.kind])
            row = PilotTurn(
                pilot_id=pilot.id,
                kind=turn.kind,
                organisation_id=turn.organisation_id,
                role=turn.role,
                due_on=due_on,
                created_at=work.now,
            )
            work.session.add(row)
            new.append(row)
        elif turn.due_on is not None and row.due_on != turn.due_on:
            row.due_on = turn.due_on
    for over in stored.values():
        await work.session.delete(over)
    await work.session.flush()
    for row in new:
        await alerts.turn_came(work, pilot, row)


def turns_of(pilot: Pilot, facts: Facts) -> Iterator[Turn]:
    """All that the pilot waits for now; nothing for one that is over."""
    state, lead = pilot.state, Role.FORCE_INNOVATION_LEAD
    if state in _OF_THE_LEAD:
        kind, day = _OF_THE_LEAD[state]
        yield Turn(kind, pilot.force_id, lead, getattr(pilot, day) if day else None)
    elif state is S.SCOPING:
        yield _of_scoping(pilot)
        yield from _of_joined(pilot, facts)
    elif state is S.ASSURANCE:
        yield from _before_the_lock(pilot, facts)
    elif state is S.PAUSED:
        yield from _halted(pilot)
    elif state in ANALYSED_IN:
        yield from _of_analysis(pilot, facts)
    elif state in (S.REPORTED, S.DECIDED):
        yield from _reported(pilot)


_OF_THE_LEAD = {
    S.PROPOSED: (K.REQUEST, None),
    S.OVERLAP_REVIEW: (K.CHOOSE_OVERLAP, None),
    S.PROTOCOL_LOCKED: (K.START, "start_on"),
    S.RUNNING: (K.FINISH, "end_on"),
}
"""States that wait for the innovation lead, each with the planned day on which the turn ends."""


def _of_scoping(pilot: Pilot) -> Turn:
    if pilot.supplier_accepted_at is None:
        return Turn(K.ANSWER_REQUEST, pilot.supplier_id, Role.SUPPLIER_ADMIN)
    return Turn(K.APPROVE_SCOPE, pilot.force_id, Role.FORCE_SENIOR_RESPONSIBLE_OWNER)


def _before_the_lock(pilot: Pilot, facts: Facts) -> Iterator[Turn]:
    if pilot.assured_at is None:
        yield Turn(K.SIGN_ASSURANCE, pilot.force_id, Role.FORCE_ASSURANCE_REVIEWER)
    if facts.protocol is None or missing(facts.protocol):
        yield Turn(K.WRITE_PROTOCOL, pilot.force_id, Role.FORCE_ANALYST)
    elif pilot.assured_at is not None:
        yield Turn(K.LOCK_PROTOCOL, pilot.force_id, Role.FORCE_ANALYST)
    yield from _of_joined(pilot, facts)


def _of_joined(pilot: Pilot, facts: Facts) -> Iterator[Turn]:
    for force in facts.joined:
        if force.approved_at is None:
            owner = Role.FORCE_SENIOR_RESPONSIBLE_OWNER
            yield Turn(K.APPROVE_JOINING, force.force_id, owner)
        elif force.assured_at is None and pilot.state is S.ASSURANCE:
            yield Turn(K.SIGN_ASSURANCE, force.force_id, Role.FORCE_ASSURANCE_REVIEWER)


def _halted(pilot: Pilot) -> Iterator[Turn]:
    if pilot.paused_by is not PausedBy.FORCE and pilot.resume_agreed_at is None:
        yield Turn(K.AGREE_TO_RESUME, None, Role.ASSURANCE_OFFICER)
    yield Turn(K.RESUME_OR_STOP, pilot.force_id, Role.FORCE_SENIOR_RESPONSIBLE_OWNER)


def _of_analysis(pilot: Pilot, facts: Facts) -> Iterator[Turn]:
    due_on = facts.protocol.result_due_on if facts.protocol else pilot.end_on
    kind = K.COMPUTE_RESULT
    if facts.done and facts.done[0] == "compute_result":
        kind = K.CONFIRM_RESULT
    elif "record_data" not in facts.done:
        kind = K.RECORD_DATA
    yield Turn(kind, pilot.force_id, Role.FORCE_ANALYST, due_on)
    for force in facts.joined:
        if force.recorded_at is None:
            yield Turn(K.RECORD_DATA, force.force_id, Role.FORCE_ANALYST, due_on)


def _reported(pilot: Pilot) -> Iterator[Turn]:
    if pilot.state is S.REPORTED:
        yield Turn(K.DECIDE, pilot.force_id, Role.FORCE_SENIOR_RESPONSIBLE_OWNER)
    if pilot.supplier_answered_at is None:
        yield Turn(K.COMMENT, pilot.supplier_id, Role.SUPPLIER_ADMIN, pilot.comment_due_on)


async def _facts(work: UnitOfWork, pilot: Pilot) -> Facts:
    protocol = await work.session.scalar(select(Protocol).where(Protocol.pilot_id == pilot.id))
    done: Sequence[str] = ()
    if pilot.state in ANALYSED_IN:
        steps = await work.session.scalars(
            select(PilotStep.verb)
            .where(PilotStep.pilot_id == pilot.id, PilotStep.verb.in_(OF_DATA))
            .order_by(PilotStep.id.desc())
        )
        done = steps.all()
    return Facts(protocol, done, await taking_part(work, pilot))
