"""A pilot is asked for because of a challenge."""

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid, NotFound
from innohub.identity.actor import Actor
from innohub.market.challenges import service as challenges
from innohub.market.challenges.models import Challenge, ChallengeState

PILOTED = frozenset({ChallengeState.MATCHING, ChallengeState.PILOTING})
"""From the end of the responses to the answer."""


async def takes_pilots(
    work: UnitOfWork, actor: Actor, challenge_id: int, force_id: int
) -> Challenge:
    """The challenge, held so that it stays open until the pilot is stored.

    Raises Invalid, field `challenge_id`, for one that is not there, that the force does not
    sponsor, or that is not at the point of being piloted.
    """
    try:
        challenge = await challenges.held(work, actor, challenge_id, shared=True)
    except NotFound as error:
        raise Invalid(error.message, field="challenge_id") from None
    if force_id not in await challenges.sponsors_of(work, challenge):
        raise Invalid("A pilot answers a challenge that its force sponsors.", field="challenge_id")
    if challenge.state not in PILOTED:
        raise Invalid(
            "Pilots of this challenge begin once its responses are closed, and end with it.",
            field="challenge_id",
        )
    return challenge
