"""What the forces think of what they piloted, what suppliers answer, what the company hides."""

from collections.abc import Iterator
from functools import partial

from sqlalchemy import select

from innohub.identity.models import Role
from innohub.market.ratings import service as ratings
from innohub.market.ratings.commands import ChangeRating, HideWords, RatePilot, ReplyToRating
from innohub.market.ratings.models import Rating
from innohub.seed.telling.stage import COMPANY, Stage
from innohub.seed.telling.timetable import AFTERNOON, Step
from innohub.seed.trials import StoryJudgement, StoryRating

TO_REPLY = 5
TO_HIDE = 7
"""Days after the rating."""


def rating_steps(stage: Stage, rating: StoryRating) -> Iterator[Step]:
    title = stage.story.pilot[rating.pilot].title
    first = rating.earlier or rating
    yield Step(
        first.given_day + AFTERNOON, f"“{title}” is rated", partial(_rate, stage, rating, first)
    )
    if rating.earlier is not None:
        yield Step(
            rating.given_day + AFTERNOON,
            f"The rating of “{title}” changes",
            partial(_change, stage, rating),
        )
    if rating.supplier_reply is not None:
        yield Step(
            rating.given_day + TO_REPLY + AFTERNOON,
            f"The rating of “{title}” is answered",
            partial(_reply, stage, rating),
        )
    if rating.hidden is not None:
        yield Step(
            rating.given_day + TO_HIDE + AFTERNOON,
            f"Words about “{title}” are hidden",
            partial(_hide, stage, rating),
        )


async def _rate(stage: Stage, rating: StoryRating, given: StoryJudgement) -> None:
    command = RatePilot(pilot_id=stage.pilots[rating.pilot], **_said(given))
    await stage.do(
        stage.holder(_force(stage, rating), Role.FORCE_INNOVATION_LEAD), ratings.rate, command
    )


async def _change(stage: Stage, rating: StoryRating) -> None:
    command = ChangeRating(rating_id=await _standing(stage, rating), **_said(rating))
    await stage.do(
        stage.holder(_force(stage, rating), Role.FORCE_INNOVATION_LEAD), ratings.change, command
    )


async def _reply(stage: Stage, rating: StoryRating) -> None:
    technology = stage.story.technology[stage.story.pilot[rating.pilot].technology]
    command = ReplyToRating(
        rating_id=await _standing(stage, rating), reply=rating.supplier_reply or ""
    )
    await stage.do(stage.holder(technology.supplier, Role.SUPPLIER_ADMIN), ratings.reply, command)


async def _hide(stage: Stage, rating: StoryRating) -> None:
    assert rating.hidden is not None
    command = HideWords(
        rating_id=await _standing(stage, rating),
        words=rating.hidden.words,
        reason=rating.hidden.reason,
    )
    await stage.do(stage.holder(COMPANY, Role.PROGRAMME_OFFICER), ratings.hide, command)


def _said(given: StoryJudgement) -> dict[str, object]:
    return {"comment": given.comment, **given.scores.model_dump()}


def _force(stage: Stage, rating: StoryRating) -> str:
    return stage.story.pilot[rating.pilot].force or ""


async def _standing(stage: Stage, rating: StoryRating) -> int:
    """The id of the force's rating from this pilot that was not superseded."""
    query = select(Rating.id).where(
        Rating.pilot_id == stage.pilots[rating.pilot], Rating.superseded_at.is_(None)
    )
    async with stage.database.session() as session:
        return (await session.scalars(query)).one()
