"""Tasks, messages and checkpoints of the pilots that run."""

from collections.abc import Iterator
from functools import partial

from innohub.identity.actor import Actor
from innohub.identity.models import Role
from innohub.market.pilots.together import commands
from innohub.market.pilots.together import service as together
from innohub.market.pilots.together.models import PilotSide
from innohub.seed.telling.stage import Stage
from innohub.seed.telling.timetable import AFTERNOON, MORNING, NOON, Step
from innohub.seed.together import StoryCheckpoint, StoryMessage, StoryTask, StoryTogether

Given = dict[int, tuple[int, int]]
"""Each task that was given, by its place in the story: its id and its revision."""


def together_steps(stage: Stage, row: StoryTogether) -> Iterator[Step]:
    title = stage.story.pilot[row.pilot].title
    given: Given = {}
    for place, task in enumerate(row.tasks):
        give = partial(_give, stage, row.pilot, task, given, place)
        yield Step(task.given_day + AFTERNOON, f"“{title}” gets a task", give)
        if task.done_day is not None:
            finish = partial(_finish, stage, row.pilot, task, given, place)
            yield Step(task.done_day + NOON, f"A task of “{title}” is done", finish)
    for message in row.messages:
        write = partial(_write, stage, row.pilot, message)
        yield Step(message.day + MORNING, f"“{title}” is written about", write)
    for checkpoint in row.checkpoints:
        check = partial(_check, stage, row.pilot, checkpoint)
        yield Step(checkpoint.day + NOON, f"“{title}” is checked", check)


async def _give(stage: Stage, slug: str, task: StoryTask, given: Given, place: int) -> None:
    command = commands.AddTask(
        pilot_id=stage.pilots[slug],
        title=task.title,
        side=task.side,
        due_on=stage.clock.date_of(task.due_day),
    )
    row = await stage.do(somebody(stage, slug, task.by), together.add, command)
    given[place] = (row.id, row.revision)


async def _finish(stage: Stage, slug: str, task: StoryTask, given: Given, place: int) -> None:
    id, revision = given[place]
    command = commands.CompleteTask(task_id=id, revision=revision)
    await stage.do(somebody(stage, slug, task.side), together.complete, command)


async def _write(stage: Stage, slug: str, message: StoryMessage) -> None:
    command = commands.PostMessage(pilot_id=stage.pilots[slug], body=message.body)
    await stage.do(somebody(stage, slug, message.by), together.post, command)


async def _check(stage: Stage, slug: str, checkpoint: StoryCheckpoint) -> None:
    command = commands.RecordCheckpoint(
        pilot_id=stage.pilots[slug],
        held_on=stage.clock.date_of(checkpoint.day),
        rating=checkpoint.rating,
        note=checkpoint.note,
        readings=list(checkpoint.readings),
        written_rule_met=False,
        next_on=stage.clock.date_of(checkpoint.next_day),
    )
    lead = somebody(stage, slug, PilotSide.FORCE)
    await stage.do(lead, together.record_checkpoint, command)


def somebody(stage: Stage, slug: str, side: PilotSide) -> Actor:
    pilot = stage.story.pilot[slug]
    if side is PilotSide.FORCE:
        return stage.holder(pilot.force or "", Role.FORCE_INNOVATION_LEAD)
    return stage.holder(stage.story.technology[pilot.technology].supplier, Role.SUPPLIER_ADMIN)
