"""What force and supplier do together on the pilots that run in the demonstration market.

Every `…day` is a number of days from the day the market is seeded: negative is past.
"""

from pydantic import Field

from innohub.command import Line, Prose
from innohub.market.pilots.together.commands import Reading
from innohub.market.pilots.together.models import CheckpointRating, PilotSide
from innohub.seed.reference import Record, Slug


class StoryTask(Record):
    """`by` gave it, `side` does it; without `done_day` it is still open."""

    title: Line
    side: PilotSide
    by: PilotSide
    given_day: int = Field(lt=0)
    due_day: int
    done_day: int | None = Field(None, lt=0)


class StoryMessage(Record):
    by: PilotSide
    day: int = Field(lt=0)
    body: Prose


class StoryCheckpoint(Record):
    day: int = Field(lt=0)
    rating: CheckpointRating
    note: Prose
    readings: tuple[Reading, ...]
    next_day: int


class StoryTogether(Record):
    pilot: Slug
    tasks: tuple[StoryTask, ...]
    messages: tuple[StoryMessage, ...]
    checkpoints: tuple[StoryCheckpoint, ...]
