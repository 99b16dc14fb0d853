"""A challenge is answered by what a pilot of it showed."""

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import WrongState
from innohub.identity.actor import Actor
from innohub.market.challenges import service as challenges
from innohub.market.challenges.commands import MarkChallengeAnswered
from innohub.market.challenges.models import Challenge
from innohub.market.evidence.models import Result, Verdict
from innohub.market.pilots.models import Pilot

ANSWERS = (Verdict.WORKED, Verdict.PROMISING)


async def mark_answered(
    work: UnitOfWork, actor: Actor, command: MarkChallengeAnswered
) -> Challenge:
    """Its owner says that it is answered, once the published result of a pilot for it is “worked”
    or “promising”. The sponsors are told to buy it together.

    Raises NotFound, Denied without `challenge:close`, WrongState, also without such a result,
    Conflict on a stale revision.
    """
    challenge = await challenges.held(work, actor, command.challenge_id, command.revision)
    pilot = await _answer(work, challenge)
    because = f"“{pilot.title}” shows what works." if pilot else "No pilot shows it."
    answered = await challenges.mark_answered(work, actor, command, because=because)
    if pilot is None:
        raise WrongState(
            "No pilot of this challenge has a published result that worked or is promising."
        )
    return answered


async def _answer(work: UnitOfWork, challenge: Challenge) -> Pilot | None:
    """The pilot whose newest published result says so, the strongest evidence first."""
    newer = aliased(Result)
    newest = (
        select(func.max(newer.revision))
        .where(newer.pilot_id == Result.pilot_id, newer.published_at.is_not(None))
        .correlate(Result)
        .scalar_subquery()
    )
    return await work.session.scalar(
        select(Pilot)
        .join(Result, Result.pilot_id == Pilot.id)
        .where(
            Pilot.challenge_id == challenge.id,
            Result.published_at.is_not(None),
            Result.revision == newest,
            Result.verdict.in_(ANSWERS),
        )
        .order_by(Result.grade.desc(), Result.id)
        .limit(1)
    )
