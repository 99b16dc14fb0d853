"""Searches that the people of the demonstration market keep: to be told of what is new, or as the
reason of a choice.

`day` is a number of days from the day the market is seeded: negative is past.
"""

from typing import Self

from pydantic import Field, model_validator

from innohub.command import Line, Prose
from innohub.seed.reference import Record, Slug


class StorySearch(Record):
    """By the force's innovation lead. With what was chosen and why it is locked; else saved."""

    force: Slug
    day: int = Field(lt=0)
    name: Line
    words: Line
    like_own: bool = False
    """Only what forces like this one piloted."""
    chosen: tuple[Slug, ...] = ()
    reason: Prose | None = None

    @model_validator(mode="after")
    def _chosen_with_a_reason(self) -> Self:
        if bool(self.chosen) != (self.reason is not None):
            raise ValueError("what is chosen has a reason, and a reason is of a choice")
        return self
