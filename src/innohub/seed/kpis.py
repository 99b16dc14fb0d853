"""KPIs that forces of the demonstration market propose for the dictionary.

`…_day` is a number of days from the day the market is seeded: negative is past.
"""

from typing import Self

from pydantic import Field, model_validator

from innohub.command import Line, Prose, Reason
from innohub.market.pilots.local_kpis.models import CountedAs
from innohub.market.pilots.outcomes.models import Aim
from innohub.seed.reference import Record, Slug


class StoryKpi(Record):
    """Proposed by the force's analyst. Without `decided_day` it waits; with `refused`, it was
    refused for that reason."""

    force: Slug
    day: int = Field(lt=0)
    name: Line
    definition: Prose
    type: CountedAs
    direction: Aim
    unit: Line | None = None
    decided_day: int | None = Field(None, lt=0)
    refused: Reason | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.decided_day is not None and self.decided_day <= self.day:
            raise ValueError("it is decided after it was proposed")
        if self.refused is not None and self.decided_day is None:
            raise ValueError("what is refused is decided")
        return self
