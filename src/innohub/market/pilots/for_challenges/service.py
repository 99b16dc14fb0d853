"""Steps of challenges that look at pilots first. Each holds the challenge while it looks, as a new
pilot of it does, so that neither passes the other by."""

from collections.abc import Sequence

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import WrongState
from innohub.identity.actor import Actor
from innohub.market.challenges import service as challenges
from innohub.market.challenges.commands import (
    CloseChallengeUnmet,
    PublishChallenge,
    StartChallengePiloting,
)
from innohub.market.challenges.models import Challenge
from innohub.market.pilots.for_challenges.matching import suppliers_by_kpi
from innohub.market.pilots.models import NEVER_RAN, Pilot, PilotState

BEFORE_SCOPING = NEVER_RAN | {PilotState.PROPOSED, PilotState.OVERLAP_REVIEW}
OVER = NEVER_RAN | {PilotState.PUBLISHED, PilotState.STOPPED}
"""What the vocabulary calls published or stopped; what never ran holds nothing up."""


async def publish(work: UnitOfWork, actor: Actor, command: PublishChallenge) -> Challenge:
    """As the challenges' own step, and the suppliers whose technologies were piloted on its KPI are
    told, too."""
    challenge = await challenges.held(work, actor, command.challenge_id, command.revision)
    suppliers = await suppliers_by_kpi(work, challenge.id)
    return await challenges.publish(work, actor, command, also_tell=suppliers)


async def start_piloting(
    work: UnitOfWork, actor: Actor, command: StartChallengePiloting
) -> Challenge:
    """As the challenges' own step, once a pilot of it is being scoped. Raises as that does;
    WrongState also before."""
    challenge = await challenges.held(work, actor, command.challenge_id, command.revision)
    started = await challenges.start_piloting(work, actor, command)
    if all(pilot.state in BEFORE_SCOPING for pilot in await pilots_of(work, challenge)):
        raise WrongState("No pilot of this challenge has reached its scoping yet.")
    return started


async def close_unmet(work: UnitOfWork, actor: Actor, command: CloseChallengeUnmet) -> Challenge:
    """As the challenges' own step, once every pilot of it is published or stopped. Raises as that
    does; WrongState also before."""
    challenge = await challenges.held(work, actor, command.challenge_id, command.revision)
    closed = await challenges.close_unmet(work, actor, command)
    open_ = [pilot for pilot in await pilots_of(work, challenge) if pilot.state not in OVER]
    if open_:
        raise WrongState(f"“{open_[0].title}” is not published or stopped yet.")
    return closed


async def pilots_of(work: UnitOfWork, challenge: Challenge) -> Sequence[Pilot]:
    """All pilots for the challenge, in the order in which they were asked for."""
    found = await work.session.scalars(
        select(Pilot)
        .where(Pilot.challenge_id == challenge.id)
        .order_by(Pilot.id)
        .execution_options(populate_existing=True)
    )
    return found.all()
