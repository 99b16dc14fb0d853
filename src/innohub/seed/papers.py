"""Documents and pictures of the demonstration market, as words: what is stored is made of them when
the market is seeded.

Every `…day` is a number of days from the day the market is seeded: negative is past.
"""

from pydantic import Field, model_validator

from innohub.command import Line, Prose
from innohub.market.pilots.together.models import PilotSide
from innohub.seed.reference import Record, Slug


class StoryPaper(Record):
    """A document of paragraphs, or with `boxes` a drawing of what leads to what.

    It is of a listing; with `pilot`, of that pilot, by one of its sides; with `item`, the evidence
    that comes with the declaration of the assurance item with that reference.
    """

    title: Line
    technology: Slug
    pilot: Slug | None = None
    by: PilotSide | None = None
    item: Line | None = None
    day: int | None = Field(None, lt=0)
    paragraphs: tuple[Prose, ...] = ()
    boxes: tuple[Line, ...] = ()
    shows: Line | None = None
    """What the drawing shows, in words."""

    @model_validator(mode="after")
    def _whole(self) -> "StoryPaper":
        if bool(self.paragraphs) == bool(self.boxes) or bool(self.boxes) != bool(self.shows):
            raise ValueError("a paper has paragraphs, or boxes and what they show")
        if bool(self.pilot) != bool(self.by):
            raise ValueError("a paper of a pilot says by which side, and no other does")
        if (self.item is None) == (self.day is None):
            raise ValueError("a paper has a day, unless it comes with an item")
        return self
