"""The forces say what they work with and what a technology has to fit."""

from collections.abc import Iterator
from functools import partial

from innohub.identity.models import Role
from innohub.market.forces import service as forces
from innohub.market.forces.commands import WriteContext
from innohub.seed.records import StoryContext
from innohub.seed.telling.stage import Stage
from innohub.seed.telling.timetable import AFTERNOON, Step

DAY = -400
"""When all of them did: a day of its own, on which nothing else hangs."""


def context_steps(stage: Stage) -> Iterator[Step]:
    for row in stage.story.organisations:
        if row.context is not None:
            yield Step(
                DAY + AFTERNOON,
                f"{stage.story.name_of(row.slug)} says what it works with",
                partial(_write, stage, row.slug, row.context),
            )


async def _write(stage: Stage, force: str, context: StoryContext) -> None:
    given = context.model_dump(mode="json")
    command = WriteContext.parse({"force_id": stage.organisations[force].id, **given})
    await stage.do(stage.holder(force, Role.FORCE_INNOVATION_LEAD), forces.write_context, command)
