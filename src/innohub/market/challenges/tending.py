"""What falls due on challenges by the calendar alone: reminders, and the end of the responses."""

from datetime import date, timedelta

import structlog
from sqlalchemy import or_, select

from innohub.db.unit_of_work import Database, UnitOfWork
from innohub.errors import InnoHubError
from innohub.identity.actor import SYSTEM
from innohub.market.catalogue.models import Technology
from innohub.market.challenges import alerts
from innohub.market.challenges.ending import close_responses
from innohub.market.challenges.loading import held
from innohub.market.challenges.matching import open_to
from innohub.market.challenges.models import (
    JOINING,
    RESPONDING,
    Challenge,
    ChallengeForce,
    ChallengeState,
)
from innohub.market.working_days import add_working_days, london_date

log = structlog.get_logger()

REMIND = 2
"""Working days before an invitation ends, those invited are reminded."""
NEAR = 5
"""Working days before the deadline, whoever waits for it is reminded."""
LOOK_AHEAD = timedelta(days=21)
"""Calendar days that always hold so many working days, Christmas included."""


async def tend(work: UnitOfWork, challenge_id: int) -> Challenge:
    """Take the steps that the calendar asks of the hub. Being told twice is ruled out by the
    notices' keys. Raises NotFound."""
    challenge = await held(work, SYSTEM, challenge_id)
    today = london_date(work.now)
    until, by = challenge.cosponsors_until, challenge.respond_by
    if until is not None and challenge.state in JOINING and _near(today, until, REMIND):
        await alerts.reminded(work, challenge, await _silent(work, challenge))
    if challenge.state is ChallengeState.OPEN_FOR_COSPONSORS and until and until < today:
        await alerts.to_publish(work, challenge)
    if challenge.state in RESPONDING and by is not None:
        if by < today:
            await close_responses(work, challenge)
        elif _near(today, by, NEAR):
            await alerts.deadline_near(work, challenge)
    return challenge


async def tend_challenges(database: Database) -> int:
    """Tend every challenge that may need it, each in a unit of work of its own, so that one that
    fails does not hold up the others; how many there were."""
    soon = london_date(database.clock()) + LOOK_AHEAD
    due = (
        select(Challenge.id)
        .where(
            Challenge.state.in_(list(JOINING)),
            or_(Challenge.cosponsors_until <= soon, Challenge.respond_by <= soon),
        )
        .order_by(Challenge.id)
    )
    async with database.session() as session:
        ids = (await session.scalars(due)).all()
    for id in ids:
        try:
            async with database.unit_of_work(SYSTEM.signature()) as work:
                await tend(work, id)
        except InnoHubError as error:
            log.warning("challenge_not_tended", challenge_id=id, why=error.message)
    return len(ids)


async def match_listing(work: UnitOfWork, technology: Technology) -> int:
    """Tell of each open challenge that a newly published listing fits; how many there are. Told
    twice of one, nobody hears of it again."""
    found = await open_to(work, technology)
    for challenge in found:
        await alerts.listing_fits(work, challenge, technology)
    return len(found)


def _near(today: date, day: date, working_days: int) -> bool:
    return today <= day <= add_working_days(today, working_days)


async def _silent(work: UnitOfWork, challenge: Challenge) -> list[int]:
    """Forces that were invited and have neither joined nor declined."""
    return list(
        await work.session.scalars(
            select(ChallengeForce.force_id)
            .where(
                ChallengeForce.challenge_id == challenge.id,
                ChallengeForce.joined_at.is_(None),
                ChallengeForce.declined_at.is_(None),
            )
            .order_by(ChallengeForce.force_id)
        )
    )
