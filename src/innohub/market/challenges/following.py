"""People follow challenges, and are told of what happens to them."""

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Denied, NotSignedIn
from innohub.identity.actor import Actor
from innohub.market.challenges.commands import FollowChallenge, UnfollowChallenge
from innohub.market.challenges.loading import held
from innohub.market.challenges.models import Challenge, ChallengeFollower
from innohub.outbox.service import record


async def follow(work: UnitOfWork, actor: Actor, command: FollowChallenge) -> Challenge:
    """Be told of it; again changes nothing. Raises NotSignedIn, Denied for a client, NotFound."""
    person_id = _person(actor)
    challenge = await held(work, actor, command.challenge_id, shared=True)
    row = insert(ChallengeFollower).values(
        challenge_id=challenge.id, person_id=person_id, created_at=work.now
    )
    await work.session.execute(row.on_conflict_do_nothing())
    await record(work, "challenge:follow", challenge)
    return challenge


async def unfollow(work: UnitOfWork, actor: Actor, command: UnfollowChallenge) -> Challenge:
    """Be told no longer. Raises NotSignedIn, Denied for a client, NotFound."""
    person_id = _person(actor)
    challenge = await held(work, actor, command.challenge_id, shared=True)
    await work.session.execute(
        delete(ChallengeFollower).where(
            ChallengeFollower.challenge_id == challenge.id,
            ChallengeFollower.person_id == person_id,
        )
    )
    await record(work, "challenge:unfollow", challenge)
    return challenge


def _person(actor: Actor) -> int:
    if not actor.signed_in:
        raise NotSignedIn("Sign in to follow a challenge.")
    if actor.person_id is None:
        raise Denied("Only people follow challenges.")
    return actor.person_id
