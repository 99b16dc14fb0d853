"""Steps of challenges that look at pilots first."""

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.actor import Actor
from innohub.market.challenges import service as challenges
from innohub.market.challenges.commands import PublishChallenge
from innohub.market.challenges.models import Challenge
from innohub.market.pilots.for_challenges.matching import suppliers_by_kpi


async def publish(work: UnitOfWork, actor: Actor, command: PublishChallenge) -> Challenge:
    """As the challenges' own step, and the suppliers whose technologies were piloted on its KPI are
    told, too."""
    challenge = await challenges.held(work, actor, command.challenge_id, command.revision)
    suppliers = await suppliers_by_kpi(work, challenge.id)
    return await challenges.publish(work, actor, command, also_tell=suppliers)
