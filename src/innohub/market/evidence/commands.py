"""What analysts, decision makers and suppliers may ask of a pilot's evidence."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from innohub.db.identifiers import IdOf
from innohub.market.command import Command, Line, Prose, Reason
from innohub.market.evidence.estimators.supplied import SuppliedScale
from innohub.market.evidence.grading import Downgrade
from innohub.market.pilots.commands import EnterLiterature, Number
from innohub.market.pilots.models import PilotDecision

EMMIE = ("mechanism", "moderators", "implementation", "economics")
"""EMMIE without its first letter, the effect, which the engine computes."""


class TrialCell(Command):
    """One cell: of the numbers, those that the KPI's type counts.

    `on` is the first day of the month or period that the cell counts, for the designs over time
    and for no other.
    """

    arm: str
    period: str
    on: date | None = None
    events: int | None = None
    n: int | None = None
    exposure: float | None = None
    mean: float | None = None
    sd: float | None = None


class _OfPilot(Command):
    """`revision` is the pilot as the person saw it."""

    pilot_id: Annotated[int, IdOf("Pilot")]
    revision: int | None = None


class RecordTrialData(_OfPilot):
    """Hand in the totals, as cells or as a CSV file; from the second time on with a reason.

    Where several forces take part, each hands in the totals of its own sites, and leaves out the
    groups that it has none of. `force_id` is needed only by somebody who acts for several of them.
    `outcome_id` names one of the protocol's further KPIs; without it, they are of the primary one.
    """

    force_id: Annotated[int, IdOf("Force")] | None = None
    outcome_id: Annotated[int, IdOf("ProtocolOutcome")] | None = None

    cells: Annotated[list[TrialCell], Field(max_length=1_000)] | None = None
    csv: bytes | None = None
    correction_reason: Reason | None = None

    @model_validator(mode="after")
    def _in_one_form(self) -> Self:
        if (self.cells is None) == (self.csv is None):
            raise ValueError("Give the results either as cells or as a CSV file.")
        return self


class SupplyEstimate(_OfPilot):
    """Hand in the estimate of a design that totals cannot answer, such as a stepped wedge.

    `scale` suits the KPI's type. Give the standard error (for a ratio, of its logarithm) or the
    95% interval. `method` says how it was found, `code_reference` where the code is kept, with its
    version. From the second time on with a reason. `outcome_id` names one of the protocol's further
    KPIs; without it, the estimate is of the primary one.
    """

    outcome_id: Annotated[int, IdOf("ProtocolOutcome")] | None = None
    scale: SuppliedScale
    estimate: Number
    standard_error: Number | None = None
    lower: Number | None = None
    upper: Number | None = None
    n: Annotated[int, Field(ge=2, le=10**12)]
    method: Line
    code_reference: Line
    correction_reason: Reason | None = None


class ReportResult(_OfPilot):
    """Compute the effect from the newest data, for a second analyst to confirm.

    `deviations` are departures from the protocol that the hub cannot know of; those that it can
    (dates, sample, late data, pauses) it lists by itself.

    `grade` lowers the Maryland grade below what the design earns, never above it, for one of the
    reasons of `Downgrade`; `grade_note` says what happened. All three or none.
    """

    deviations: Annotated[list[Reason], Field(max_length=20)] = []
    grade: Annotated[int, Field(ge=0, le=5)] | None = None
    grade_reason: Downgrade | None = None
    grade_note: Reason | None = Field(None, validate_default=True)

    @field_validator("grade_note")
    @classmethod
    def _whole(cls, note: str | None, others: ValidationInfo) -> str | None:
        given = [others.data.get("grade"), others.data.get("grade_reason"), note]
        if any(part is not None for part in given) and None in given:
            raise ValueError("To lower the grade, give the grade, the reason and what happened.")
        return note


class ConfirmResult(Command):
    """The second analyst's word that the number reproduces."""

    result_id: Annotated[int, IdOf("Result")]


class CommentOnResult(_OfPilot):
    """The supplier's comment on the facts; without one it says that it has none."""

    comment: Prose | None = None


class DecidePilot(_OfPilot):
    """The decision, its reason, and the notes that EMMIE asks for beside the effect: how it works,
    for whom, what supported or obstructed it, what it costs. At least one of the four."""

    decision: PilotDecision
    reason: Reason
    mechanism: Prose | None = None
    moderators: Prose | None = None
    implementation: Prose | None = None
    economics: Prose | None = Field(None, validate_default=True)

    @field_validator("economics")
    @classmethod
    def _at_least_one_note(cls, economics: str | None, others: ValidationInfo) -> str | None:
        if economics is None and not any(others.data.get(name) for name in EMMIE):
            raise ValueError(
                "Note at least one thing beside the effect: how it works, for whom, what supported "
                "or obstructed it, or what it costs."
            )
        return economics


class RecordLiterature(EnterLiterature):
    """A published trial, whole: what it asked, the figures it printed, and what the hub makes of
    them. `notes` are sentences for the reader: relevance, doubts, how exact the dates are."""

    cells: Annotated[list[TrialCell], Field(min_length=1, max_length=1_000)]
    notes: Annotated[list[Prose], Field(max_length=20)] = []
    decision: PilotDecision
    reason: Reason
