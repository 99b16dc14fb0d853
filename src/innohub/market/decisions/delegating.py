"""Pass a decision on, for a time; and take it back. Dated and logged, as the vocabulary asks."""

from datetime import timedelta

from sqlalchemy import exists, select, update

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Denied, Invalid, NotFound, NotSignedIn
from innohub.identity.actor import Actor
from innohub.identity.models import Membership, Person
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.decisions import policy
from innohub.market.decisions.acting import may_take, waiting_for
from innohub.market.decisions.commands import DelegateDecision, TakeBackDecision
from innohub.market.decisions.models import DecisionDelegation
from innohub.market.working_days import in_words, london_date
from innohub.notices.models import NoticeKind
from innohub.notices.service import notify_person
from innohub.outbox.service import record

LONGEST = timedelta(days=90)
"""Our own limit: what is passed on for longer is a role, and is given as one."""


async def delegate(work: UnitOfWork, actor: Actor, command: DelegateDecision) -> DecisionDelegation:
    """Let somebody else of the force decide, until a day; they are told. An earlier delegation of
    the same decision ends.

    Raises NotSignedIn; NotFound for what does not wait for the actor; Denied to whom it was passed
    on to: it goes no further; Invalid for a day that has passed or lies too far ahead, and for
    somebody who is not of the force, or is the actor; Conflict where two pass it on at once.
    """
    row = await waiting_for(work, actor, command.decision_id)
    if not may_take(actor, row) or actor.person_id is None:
        raise Denied("What was passed on to you, you cannot pass on.")
    today = london_date(work.now)
    if not today <= command.until <= today + LONGEST:
        raise Invalid("Name a day from today on, within 90 days.", field="until")
    await _refuse_stranger(work, actor, row.force_id, command.person_id)
    await work.session.execute(
        update(DecisionDelegation)
        .where(
            DecisionDelegation.decision_id == row.id,
            DecisionDelegation.ended_at.is_(None),
            DecisionDelegation.acted_at.is_(None),
        )
        .values(ended_at=work.now)
        .execution_options(synchronize_session=False)
    )
    delegation = DecisionDelegation(
        decision_id=row.id,
        kind=row.kind,
        force_id=row.force_id,
        line=row.line,
        person_id=command.person_id,
        by_id=actor.person_id,
        until=command.until,
        reason=command.reason,
        created_at=work.now,
    )
    work.session.add(delegation)
    detail = {"kind": row.kind, "to": command.person_id, "until": command.until}
    await record(work, "decision:delegate", delegation, detail=detail, reason=command.reason)
    await notify_person(
        work,
        kind=NoticeKind.DECISION,
        person_id=command.person_id,
        text=f"{actor.name} asks you to decide by {in_words(command.until)}: {row.line}.",
        path=f"/decisions/{row.id}",
        key=f"delegation:{delegation.id}",
    )
    return delegation


async def take_back(
    work: UnitOfWork, actor: Actor, command: TakeBackDecision
) -> DecisionDelegation:
    """End a delegation: who passed the decision on, or somebody else who may take it.

    Raises NotSignedIn; NotFound, also where it counts no more; Denied to the delegate.
    """
    if not actor.signed_in:
        raise NotSignedIn("Sign in to do this.")
    seen = policy.delegation_visible(DecisionDelegation, Viewer(actor))
    delegation = await work.session.scalar(
        select(DecisionDelegation)
        .where(
            DecisionDelegation.id == command.delegation_id,
            DecisionDelegation.ended_at.is_(None),
            DecisionDelegation.acted_at.is_(None),
            seen,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if delegation is None:
        raise NotFound("There is no such delegation, or it counts no more.")
    own = delegation.by_id == actor.person_id
    if not own and not actor.may(Permission.DECISION_TAKE, delegation.force_id):
        raise Denied("Who passed it on takes it back.")
    delegation.ended_at = work.now
    await record(work, "decision:take_back", delegation, detail={"kind": delegation.kind})
    await notify_person(
        work,
        kind=NoticeKind.DECISION,
        person_id=delegation.person_id,
        text=f"{actor.name} took back what you were to decide: {delegation.line}.",
        path="/decisions",
        key=f"delegation:{delegation.id}:taken_back",
    )
    return delegation


async def _refuse_stranger(work: UnitOfWork, actor: Actor, force_id: int, person_id: int) -> None:
    if person_id == actor.person_id:
        raise Invalid("Name somebody else.", field="person_id")
    of_force = exists().where(
        Membership.person_id == Person.id, Membership.organisation_id == force_id
    )
    query = select(Person.id).where(Person.id == person_id, Person.active, of_force)
    if await work.session.scalar(query) is None:
        raise Invalid("Name somebody of your own force.", field="person_id")
