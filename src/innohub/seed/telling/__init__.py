"""Makes the story come true: its people act through the hub's services, each step on its day."""

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from innohub.db.unit_of_work import Clock
from innohub.hub.wiring import Hub
from innohub.seed import Progress
from innohub.seed.accounts import accounts_of, write_accounts
from innohub.seed.market import Story
from innohub.seed.people import Password
from innohub.seed.telling.answers import answer_step
from innohub.seed.telling.arrivals import arrive
from innohub.seed.telling.challenges import challenge_steps
from innohub.seed.telling.contexts import context_steps
from innohub.seed.telling.digests import write_digests
from innohub.seed.telling.earlier import earlier_step
from innohub.seed.telling.ending import demand_the_end
from innohub.seed.telling.integrations import integration_steps
from innohub.seed.telling.kpis import kpi_steps
from innohub.seed.telling.papers import paper_steps
from innohub.seed.telling.pilots import pilot_steps
from innohub.seed.telling.pools import pool_steps
from innohub.seed.telling.quotes import quote_step
from innohub.seed.telling.ratings import rating_steps
from innohub.seed.telling.reading import read_notices
from innohub.seed.telling.rounds import round_steps
from innohub.seed.telling.savings import savings_steps
from innohub.seed.telling.searches import search_step
from innohub.seed.telling.stage import Stage
from innohub.seed.telling.technologies import expiry_steps, technology_steps
from innohub.seed.telling.timetable import Step, StoryClock
from innohub.seed.telling.together import together_steps
from innohub.settings import Settings

DAYS_BEFORE = 14
"""How long before the first step the organisations and their people arrive."""


async def tell(
    connection: AsyncConnection,
    settings: Settings,
    clock: Clock,
    progress: Progress,
    story: Story,
    passwords: dict[str, Password],
) -> Path:
    """Tell the whole story inside the connection's transaction; where the accounts are written.

    Raises StoryUntold where the market does not end as the story says.
    """
    story_clock = StoryClock.until(clock())
    stage = Stage.in_transaction(connection, story_clock, story, Hub.of(settings))
    steps = sorted(_steps(stage), key=lambda step: step.at)
    total = len(steps) + 1
    story_clock.move_to(steps[0].at - DAYS_BEFORE)
    await arrive(stage, {email: password.hash for email, password in passwords.items()})
    for done, step in enumerate(steps, start=1):
        progress(done, total, step.what)
        story_clock.move_to(step.at)
        await step.do()
    await read_notices(stage)
    if settings.demonstration_mailbox:
        await write_digests(stage, settings)
    await demand_the_end(stage)
    # Before the commit: a market without its accounts would be of no use to anybody.
    path = write_accounts(settings.data_dir, accounts_of(story, passwords, stage.clients))
    progress(total, total, "The market is open")
    return path


def _steps(stage: Stage) -> list[Step]:
    story = stage.story
    return [
        *(step for row in story.technologies for step in technology_steps(stage, row)),
        *expiry_steps(stage),
        *(answer_step(stage, answer) for answer in story.answers),
        *context_steps(stage),
        *(step for pilot in story.pilots for step in pilot_steps(stage, pilot)),
        *(step for rating in story.ratings for step in rating_steps(stage, rating)),
        *(quote_step(stage, row) for row in story.quotes),
        *(step for round_ in story.rounds for step in round_steps(stage, round_)),
        *(step for row in story.together for step in together_steps(stage, row)),
        *paper_steps(stage),
        *(search_step(stage, search) for search in story.searches),
        *(step for row in story.challenges for step in challenge_steps(stage, row)),
        *(step for row in story.pools for step in pool_steps(stage, row)),
        *(step for row in story.savings for step in savings_steps(stage, row)),
        *(step for row in story.kpis for step in kpi_steps(stage, row)),
        *(earlier_step(stage, row) for row in story.earlier),
        *integration_steps(stage),
    ]
