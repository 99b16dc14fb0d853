"""Innovation leads keep their searches: saved, or locked as the reason of a choice."""

from functools import partial

from innohub.identity.models import Role
from innohub.market.finding import commands, service
from innohub.market.finding.criteria import Criteria
from innohub.seed.searches import StorySearch
from innohub.seed.telling.stage import Stage
from innohub.seed.telling.timetable import NOON, Step


def search_step(stage: Stage, row: StorySearch) -> Step:
    return Step(row.day + NOON, f"The search “{row.name}” is kept", partial(_keep, stage, row))


async def _keep(stage: Stage, row: StorySearch) -> None:
    lead = stage.holder(row.force, Role.FORCE_INNOVATION_LEAD)
    like = row.force if row.like_own else ""
    criteria = Criteria(search=row.words, piloted_by_forces_like=like)
    if row.reason is None:
        save = commands.SaveSearch(name=row.name, criteria=criteria)
        await stage.do(lead, service.save_search, save)
        return
    lock = commands.LockSearch(
        title=row.name,
        criteria=criteria,
        chosen=[stage.technologies[slug] for slug in row.chosen],
        reason=row.reason,
    )
    await stage.do(lead, service.lock_search, lock)
