"""Further forces that join a pilot of the story: with a site, an approval and signatures."""

from collections.abc import Iterator
from functools import partial

from innohub.identity.models import Role
from innohub.market.pilots import commands
from innohub.market.pilots import service as pilots
from innohub.seed.telling.stage import Stage
from innohub.seed.telling.timetable import EVENING, Step
from innohub.seed.trials import StoryJoining, StoryPilot


def joining_steps(stage: Stage, pilot: StoryPilot, approved: float, lock: float) -> Iterator[Step]:
    """Between the approval of the pilot's own scope and its lock, days from the seeding."""
    apart = int((lock - approved) // 4)
    for one in pilot.joined:
        name = stage.story.name_of(one.force)
        day = int(approved // 1)
        for verb, (said, how) in enumerate(_VERBS if one.approved else _VERBS[:1], 1):
            what = f"{name} {said} “{pilot.title}”"
            yield Step(day + apart * verb + EVENING, what, partial(how, stage, pilot, one))


async def _join(stage: Stage, pilot: StoryPilot, one: StoryJoining) -> None:
    command = commands.JoinPilot(
        pilot_id=stage.pilots[pilot.slug], site=one.site, site_role=one.role
    )
    lead = stage.holder(one.force, Role.FORCE_INNOVATION_LEAD)
    await stage.do(lead, pilots.join, command)


async def _approve(stage: Stage, pilot: StoryPilot, one: StoryJoining) -> None:
    owner = stage.holder(one.force, Role.FORCE_SENIOR_RESPONSIBLE_OWNER)
    command = commands.ApproveJoining(pilot_id=stage.pilots[pilot.slug])
    await stage.do(owner, pilots.approve_joining, command)


async def _sign(stage: Stage, pilot: StoryPilot, one: StoryJoining) -> None:
    reviewer = stage.holder(one.force, Role.FORCE_ASSURANCE_REVIEWER)
    command = commands.SignAssurance(pilot_id=stage.pilots[pilot.slug])
    await stage.do(reviewer, pilots.sign_assurance, command)


_VERBS = (("joins", _join), ("approves that it joins", _approve), ("signs for", _sign))
