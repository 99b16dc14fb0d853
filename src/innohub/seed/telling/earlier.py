"""Forces tell of the pilots that they ran before the hub."""

from functools import partial

from innohub.identity.models import Role
from innohub.market.pilots.earlier.commands import RecordEarlierPilot
from innohub.market.pilots.earlier.service import tell
from innohub.seed.earlier import StoryEarlier
from innohub.seed.telling.stage import Stage
from innohub.seed.telling.timetable import NOON, Step


def earlier_step(stage: Stage, row: StoryEarlier) -> Step:
    return Step(row.day + NOON, f"“{row.title}” is told of", partial(_tell, stage, row))


async def _tell(stage: Stage, row: StoryEarlier) -> None:
    told = row.model_dump(exclude={"force", "day", "start_day", "end_day"})
    days = {
        "start_on": stage.clock.date_of(row.start_day),
        "end_on": stage.clock.date_of(row.end_day),
    }
    analyst = stage.holder(row.force, Role.FORCE_ANALYST)
    await stage.do(analyst, tell, RecordEarlierPilot(**told, **days))
