"""A challenge is published to suppliers, and its deadline may be moved."""

from collections.abc import Collection
from datetime import date

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid, WrongState
from innohub.identity.actor import Actor
from innohub.identity.models import Organisation
from innohub.identity.permissions import Permission
from innohub.market.challenges import alerts
from innohub.market.challenges.commands import MoveDeadline, PublishChallenge
from innohub.market.challenges.events import ChallengePublished, stream_of
from innohub.market.challenges.loading import held, move, names_of, sponsors_of
from innohub.market.challenges.matching import matching_suppliers
from innohub.market.challenges.models import CHALLENGE, RESPONDING, Challenge
from innohub.market.challenges.notice import drafted
from innohub.market.reference_lists import chosen_from, labels_of
from innohub.market.working_days import in_words, london_date
from innohub.outbox.service import record


async def publish(
    work: UnitOfWork,
    actor: Actor,
    command: PublishChallenge,
    *,
    also_tell: Collection[int] = (),
) -> Challenge:
    """Publish it with the last day for responses, which leaves other forces the whole of their
    invitation. The suppliers whose listings match are told, and their systems; `also_tell` names
    further ones, who have shown that they move its KPI.

    Raises NotFound, Denied without `challenge:approve`, WrongState, Invalid for a deadline that is
    too early, Conflict on a stale revision.
    """
    challenge = await held(work, actor, command.challenge_id, command.revision)
    actor.require(Permission.CHALLENGE_APPROVE, challenge.force_id)
    CHALLENGE.after("publish", challenge.state)
    _late_enough(challenge, command.respond_by, london_date(work.now))
    challenge.respond_by, challenge.published_at = command.respond_by, work.now
    sponsors = await sponsors_of(work, challenge)
    challenge.notice_text = await _notice(work, challenge, sponsors)
    force = await work.session.get_one(Organisation, challenge.force_id)
    detail = {"respond_by": command.respond_by, "sponsors": len(sponsors)}
    told = _published(challenge, force, len(sponsors))
    await move(work, challenge, "publish", detail=detail, event=told)
    suppliers = sorted({*await matching_suppliers(work, challenge), *also_tell})
    for id in suppliers:
        event = _published(challenge, force, len(sponsors), supplier_id=id)
        await record(work, "challenge:tell", challenge, detail={"supplier_id": id}, event=event)
    await alerts.published(work, challenge, suppliers)
    return challenge


async def move_deadline(work: UnitOfWork, actor: Actor, command: MoveDeadline) -> Challenge:
    """Give suppliers more time. Raises NotFound, Denied without `challenge:approve`, WrongState
    once the responses are closed, Invalid for an earlier day, Conflict on a stale revision."""
    challenge = await held(work, actor, command.challenge_id, command.revision)
    actor.require(Permission.CHALLENGE_APPROVE, challenge.force_id)
    if challenge.state not in RESPONDING or challenge.respond_by is None:
        raise WrongState("The responses to this challenge are closed, or not asked for yet.")
    if command.respond_by <= challenge.respond_by:
        raise Invalid(
            f"Suppliers were promised until {in_words(challenge.respond_by)}: give a later day.",
            field="respond_by",
        )
    before, challenge.respond_by = challenge.respond_by, command.respond_by
    detail = {"from": before, "to": command.respond_by}
    await record(work, "challenge:move_deadline", challenge, detail=detail, reason=command.reason)
    await alerts.deadline_moved(work, challenge)
    return challenge


def _late_enough(challenge: Challenge, respond_by: date, today: date) -> None:
    if respond_by <= today:
        raise Invalid("The deadline must be after today.", field="respond_by")
    until = challenge.cosponsors_until
    if until is not None and respond_by < until:
        raise Invalid(
            f"Other forces can co-sponsor until {in_words(until)}: the deadline cannot be earlier.",
            field="respond_by",
        )


async def _notice(work: UnitOfWork, challenge: Challenge, sponsors: list[int]) -> str:
    kpi = (await chosen_from(work, "kpi", [challenge.kpi], field="kpi"))[challenge.kpi]
    (category,) = await labels_of(work, "category", [challenge.category])
    names = await names_of(work, sponsors)
    return drafted(challenge, names, kpi.label, category, kpi.detail["unit"])


def _published(
    challenge: Challenge, force: Organisation, sponsors: int, *, supplier_id: int | None = None
) -> ChallengePublished:
    assert challenge.respond_by is not None
    return ChallengePublished(
        stream=stream_of(challenge, supplier_id),
        supplier_id=supplier_id,
        challenge_id=challenge.id,
        challenge_title=challenge.title,
        force_slug=force.slug,
        force_name=force.name,
        problem=challenge.problem,
        kpi=challenge.kpi,
        category=challenge.category,
        baseline_value=challenge.baseline_value,
        budget_from_pence=challenge.budget_from_pence,
        budget_to_pence=challenge.budget_to_pence,
        sponsor_count=sponsors,
        respond_by=challenge.respond_by,
    )
