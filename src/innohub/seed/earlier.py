"""Pilots that forces of the demonstration market ran before the hub, and tell of.

`…_day` is a number of days from the day the market is seeded: negative is past.
"""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from innohub.command import Line, Prose
from innohub.market.pilots.models import PilotDecision
from innohub.seed.reference import Record, Slug


class StoryEarlier(Record):
    """Told by the force's analyst on `day`, under the force's own reference. Without `technology`,
    what was tried is not listed."""

    force: Slug
    day: int = Field(lt=0)
    reference: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    technology: Slug | None = None
    product: Line
    supplier_name: Line
    title: Line
    question: Prose
    kpi: str
    start_day: int
    end_day: int
    found: Prose
    decision: PilotDecision | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.start_day < self.end_day < self.day:
            raise ValueError("it starts, ends, and is told of, in this order")
        return self
