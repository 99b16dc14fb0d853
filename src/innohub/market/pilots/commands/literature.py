"""Trials that were published elsewhere."""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from innohub.db.identifiers import IdOf
from innohub.market.command import Command, Line, Prose
from innohub.market.pilots.commands.parts import Number, later
from innohub.market.pilots.headings import UnitOfAnalysis
from innohub.market.pilots.models import EvaluatedBy


class EnterLiterature(Command):
    """Describe a published trial as the pilot and the protocol that it would have been here.

    The minimum important effect is the hub's: authors seldom register one.
    """

    technology_id: Annotated[int, IdOf("Technology")]
    site: Line
    title: Line
    question: Prose
    kpi: Line
    start_on: date
    end_on: date
    citation: Prose
    citation_url: Annotated[Line, StringConstraints(pattern=r"^https?://[^\s<>\"'\\]+$")]
    unit: Line
    baseline_value: Number
    baseline_source: Line
    minimum_important_effect: Number
    design: Line
    unit_of_analysis: UnitOfAnalysis | None = None
    sample_size: Annotated[int, Field(ge=2, le=10**12)]
    analysis_plan: Prose
    """How the printed figures became cells."""
    evaluated_by: EvaluatedBy = EvaluatedBy.INDEPENDENT
    """Who measured the effect, as the publication says."""

    @field_validator("end_on")
    @classmethod
    def _after_the_start(cls, end_on: date, others: ValidationInfo) -> date:
        return later(end_on, others.data.get("start_on"))
