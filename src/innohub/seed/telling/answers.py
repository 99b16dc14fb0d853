"""What forces make of the assurance that was verified for all."""

from functools import partial

from innohub.identity.models import Role
from innohub.market.assurance.commands import LocalAddition, RespondToItem
from innohub.market.pilots import service as pilots
from innohub.seed.records import StoryAnswer
from innohub.seed.telling.stage import Stage
from innohub.seed.telling.timetable import AFTERNOON, Step


def answer_step(stage: Stage, answer: StoryAnswer) -> Step:
    what = f"{stage.story.name_of(answer.force)} answers {answer.reference}"
    return Step(answer.day + AFTERNOON, what, partial(_answer, stage, answer))


async def _answer(stage: Stage, answer: StoryAnswer) -> None:
    (item_id,) = (
        id
        for (technology, _, reference), id in stage.items.items()
        if (technology, reference) == (answer.technology, answer.reference)
    )
    command = RespondToItem(
        item_id=item_id,
        response=answer.response,
        reason=answer.reason,
        additions=[LocalAddition(part=one.part, body=one.body) for one in answer.additions],
    )
    reviewer = stage.holder(answer.force, Role.FORCE_ASSURANCE_REVIEWER)
    await stage.do(reviewer, pilots.respond_to_item, command)
