"""Forces join a challenge as sponsors, and leave it again."""

from sqlalchemy import delete

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, NotFound, WrongState
from innohub.identity.actor import Actor
from innohub.identity.models import Organisation
from innohub.identity.permissions import Permission
from innohub.market.challenges import alerts
from innohub.market.challenges.commands import (
    CosponsorChallenge,
    DeclineInvitation,
    LeaveChallenge,
)
from innohub.market.challenges.events import ChallengeForceJoined, stream_of
from innohub.market.challenges.loading import held, row_of, sponsors_of
from innohub.market.challenges.models import (
    JOINING,
    Challenge,
    ChallengeForce,
)
from innohub.market.working_days import in_words, london_date
from innohub.outbox.service import record


async def cosponsor(work: UnitOfWork, actor: Actor, command: CosponsorChallenge) -> Challenge:
    """A force joins as a sponsor, whether it was invited or heard of it, while the invitation
    lasts. Forces that join at once take turns: each is counted, once.

    Raises NotFound, Denied without `challenge:sponsor`, WrongState once the invitation is over,
    Conflict where the force sponsors it already.
    """
    challenge = await held(work, actor, command.challenge_id, command.revision)
    force_id = command.force_id or actor.only_organisation(Permission.CHALLENGE_SPONSOR)
    actor.require(Permission.CHALLENGE_SPONSOR, force_id)
    until = challenge.cosponsors_until
    if challenge.state not in JOINING or until is None:
        raise WrongState("This challenge takes no further sponsors now.")
    if london_date(work.now) > until:
        raise WrongState(f"Forces could co-sponsor this challenge until {in_words(until)}.")
    if force_id in await sponsors_of(work, challenge):
        raise Conflict("Your force sponsors this challenge already.")
    row = await row_of(work, challenge, force_id)
    if row is None:
        row = ChallengeForce(challenge_id=challenge.id, force_id=force_id, created_at=work.now)
        work.session.add(row)
    await sponsor(work, challenge, row, command.statement)
    return challenge


async def sponsor(
    work: UnitOfWork, challenge: Challenge, row: ChallengeForce, statement: str | None
) -> None:
    """Make the force of `row` a sponsor of the challenge, which must be locked."""
    row.joined_at, row.statement = work.now, statement
    row.declined_at = row.declined_reason = None
    await work.session.flush()
    force = await work.session.get_one(Organisation, row.force_id)
    sponsors = await sponsors_of(work, challenge)
    event = ChallengeForceJoined(
        stream=stream_of(challenge),
        challenge_id=challenge.id,
        challenge_title=challenge.title,
        force_slug=force.slug,
        force_name=force.name,
        sponsor_count=len(sponsors),
    )
    detail = {"force": force.slug, "sponsors": len(sponsors)}
    await record(work, "challenge:cosponsor", challenge, detail=detail, event=event)
    await alerts.joined(work, challenge, force.id, force.name)


async def decline(work: UnitOfWork, actor: Actor, command: DeclineInvitation) -> Challenge:
    """An invited force says that it does not join; it is reminded no more.

    Raises NotFound, also where it was not invited, Denied without `challenge:sponsor`, WrongState
    once the invitation is over, Conflict for a sponsor and the second time.
    """
    challenge = await held(work, actor, command.challenge_id, command.revision)
    force_id = command.force_id or actor.only_organisation(Permission.CHALLENGE_SPONSOR)
    actor.require(Permission.CHALLENGE_SPONSOR, force_id)
    until = challenge.cosponsors_until
    if challenge.state not in JOINING or until is None or london_date(work.now) > until:
        raise WrongState("The invitation to co-sponsor this challenge is over.")
    row = await row_of(work, challenge, force_id)
    if row is None or row.invited_at is None:
        raise NotFound("Your force was not invited to this challenge.")
    if row.joined_at is not None:
        raise Conflict("Your force sponsors this challenge: it can leave it.")
    if row.declined_at is not None:
        raise Conflict("Your force has declined this invitation already.")
    row.declined_at, row.declined_reason = work.now, command.reason
    force = await work.session.get_one(Organisation, force_id)
    detail = {"force": force.slug}
    await record(
        work, "challenge:decline_invitation", challenge, detail=detail, reason=command.reason
    )
    return challenge


async def leave(work: UnitOfWork, actor: Actor, command: LeaveChallenge) -> Challenge:
    """A co-sponsor leaves, before the responses are closed. It may join again while the invitation
    lasts. Raises NotFound, also where it is no co-sponsor, Denied, WrongState."""
    challenge = await held(work, actor, command.challenge_id, command.revision)
    force_id = command.force_id or actor.only_organisation(Permission.CHALLENGE_SPONSOR)
    actor.require(Permission.CHALLENGE_SPONSOR, force_id)
    if challenge.state not in JOINING:
        raise WrongState("A force leaves a challenge before its responses are closed.")
    row = await row_of(work, challenge, force_id)
    if row is None or row.joined_at is None:
        raise NotFound("Your force does not co-sponsor this challenge.")
    force = await work.session.get_one(Organisation, force_id)
    if row.invited_at is None:
        await work.session.execute(delete(ChallengeForce).where(ChallengeForce.id == row.id))
    else:
        row.joined_at = row.statement = None
    await record(work, "challenge:leave", challenge, detail={"force": force.slug})
    await alerts.left(work, challenge, force.id, force.name)
    return challenge
