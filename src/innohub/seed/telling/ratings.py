"""What the forces think of what they piloted."""

from functools import partial

from innohub.identity.models import Role
from innohub.market.ratings import service as ratings
from innohub.market.ratings.commands import RatePilot
from innohub.seed.telling.stage import Stage
from innohub.seed.telling.timetable import AFTERNOON, Step
from innohub.seed.trials import StoryRating


def rating_step(stage: Stage, rating: StoryRating) -> Step:
    title = stage.story.pilot[rating.pilot].title
    return Step(rating.given_day + AFTERNOON, f"“{title}” is rated", partial(_rate, stage, rating))


async def _rate(stage: Stage, rating: StoryRating) -> None:
    force = stage.story.pilot[rating.pilot].force or ""
    command = RatePilot(
        pilot_id=stage.pilots[rating.pilot],
        comment=rating.comment,
        **rating.scores.model_dump(),
    )
    await stage.do(stage.holder(force, Role.FORCE_INNOVATION_LEAD), ratings.rate, command)
