"""What a force says of a pilot that it ran without the hub."""

from datetime import date
from typing import Annotated

from pydantic import StringConstraints, ValidationInfo, field_validator

from innohub.db.identifiers import IdOf
from innohub.market.command import Command, Line, Prose
from innohub.market.pilots.models import PilotDecision

Reference = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class RecordEarlierPilot(Command):
    """Tell of a pilot that was over before the hub knew of it, or tell it anew: it is found again
    by its `reference`. `force_id` is needed only by somebody who acts for several forces."""

    force_id: Annotated[int, IdOf("Force")] | None = None
    reference: Reference
    """The force's own, such as the number of the project."""
    technology: Line | None = None
    """The listing's last part of its address, where what was tried is listed."""
    product: Line
    supplier_name: Line
    title: Line
    question: Prose
    kpi: Line
    """What it was to change: an id of the KPI dictionary."""
    start_on: date
    end_on: date
    found: Prose
    """What came of it, in plain words. It is not computed with."""
    decision: PilotDecision | None = None
    source_url: Annotated[str, StringConstraints(pattern=r"^https://\S{3,490}$")] | None = None
    """Where a report of it can be read."""
    dry_run: bool = False
    """Whether everything is tried and nothing stored."""

    @field_validator("end_on")
    @classmethod
    def _after_the_start(cls, end_on: date, others: ValidationInfo) -> date:
        start_on = others.data.get("start_on")
        if start_on is not None and end_on <= start_on:
            raise ValueError("It ends after it starts.")
        return end_on
