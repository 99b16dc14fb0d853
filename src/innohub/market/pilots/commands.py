"""What forces, suppliers and advisers may ask of a pilot."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, StringConstraints, ValidationInfo, field_validator, model_validator

from innohub.db.identifiers import IdOf
from innohub.identity.models import ReviewerType
from innohub.market.command import Command, Line, Money, Prose, Reason
from innohub.market.pilots.headings import DeliveryFramework, UnitOfAnalysis
from innohub.market.pilots.models import (
    Direction,
    EvaluatedBy,
    OverlapChoice,
    SiteRole,
    StopComparison,
    StopMeasure,
    StopReason,
)

Number = Annotated[float, Field(allow_inf_nan=False, ge=-1e12, le=1e12)]
"""Within these limits a number survives storing as JSON digit by digit."""


class StopLimit(Command):
    """A stop rule that a number decides: the count or the value of `label` reaches `threshold`.

    Numbers as people count them: 12 complaints, 42 for 42%.
    """

    measure: StopMeasure
    label: Line
    comparison: StopComparison
    threshold: Number

    def is_met(self, value: float) -> bool:
        if self.comparison is StopComparison.AT_LEAST:
            return value >= self.threshold
        return value <= self.threshold


class Costs(Command):
    """What a pilot costs the force, in whole pence, VAT apart: the threshold of the Procurement Act
    counts all three sums together."""

    cost_pence: Money | None = None
    """Of the pilot itself, without VAT. None where it is not known yet; 0 where it is free."""
    options_pence: Money = 0
    """Of whatever the contract lets the force go on to, without VAT."""
    vat_pence: Money = 0
    """On both."""
    procurement_route: Line | None = None
    """How the contract is made, an id of the reference list `procurement_route`. Needed where pilot
    and options reach the threshold."""


class ProposePilot(Costs):
    """Write down the wish for a pilot. `force_id` is needed only by somebody who acts for several
    forces."""

    technology_id: Annotated[int, IdOf("Technology")]
    force_id: Annotated[int, IdOf("Force")] | None = None
    challenge_id: Annotated[int, IdOf("Challenge")] | None = None
    """The challenge that it is to answer: one that the force sponsors, its responses closed."""
    site: Line
    title: Line
    question: Prose
    kpi: Line
    """An id of the reference list `kpi`."""
    start_on: date
    end_on: date

    @field_validator("end_on")
    @classmethod
    def _after_the_start(cls, end_on: date, others: ValidationInfo) -> date:
        return _later(end_on, others.data.get("start_on"))


class RequestPilot(ProposePilot):
    """Ask for a pilot. `force_id` is needed only by somebody who acts for several forces.

    Where pilots like it exist, it waits for `overlap_choice` (here or by ChooseOverlap).
    """

    overlap_choice: OverlapChoice | None = None
    join_id: Annotated[int, IdOf("Pilot")] | None = Field(None, validate_default=True)
    """To join as a site: which of the pilots like it."""
    overlap_reason: Reason | None = Field(None, validate_default=True)

    @field_validator("join_id")
    @classmethod
    def _joining_names_a_pilot(cls, join_id: int | None, others: ValidationInfo) -> int | None:
        return _joined(join_id, others.data.get("overlap_choice"))

    @field_validator("overlap_reason")
    @classmethod
    def _proceeding_needs_a_reason(cls, reason: str | None, others: ValidationInfo) -> str | None:
        return _reasoned(reason, others.data.get("overlap_choice"))


class PilotCommand(Command):
    """The base of every step of an existing pilot. `revision` is what the person saw."""

    pilot_id: Annotated[int, IdOf("Pilot")]
    revision: int | None = None


class CheckOverlap(PilotCommand):
    """Go on with a proposed pilot: it is set against the pilots like it."""


class ChooseOverlap(PilotCommand):
    """Say what the pilots like it mean. To join one of them as a site, `join_id` names it."""

    choice: OverlapChoice
    join_id: Annotated[int, IdOf("Pilot")] | None = Field(None, validate_default=True)
    reason: Reason | None = Field(None, validate_default=True)

    @field_validator("join_id")
    @classmethod
    def _joining_names_a_pilot(cls, join_id: int | None, others: ValidationInfo) -> int | None:
        return _joined(join_id, others.data.get("choice"))

    @field_validator("reason")
    @classmethod
    def _proceeding_needs_a_reason(cls, reason: str | None, others: ValidationInfo) -> str | None:
        return _reasoned(reason, others.data.get("choice"))


class AcceptPilot(PilotCommand):
    """The supplier agrees to the pilot as it was requested."""


class DeclinePilot(PilotCommand):
    reason: Reason


class SetCosts(Costs):
    """Say what the pilot costs. `revision` is what the person saw."""

    pilot_id: Annotated[int, IdOf("Pilot")]
    revision: int | None = None
    cost_pence: Money


class ApprovePilot(PilotCommand):
    """Approve the scope; with new dates where the planned start has passed meanwhile."""

    start_on: date | None = None
    end_on: date | None = None
    reason: Reason | None = None
    """Why, for everybody who works on it: it stands with the step."""

    @model_validator(mode="after")
    def _both_dates_or_none(self) -> Self:
        if (self.start_on is None) != (self.end_on is None):
            raise ValueError("Give both new dates, or neither.")
        return self

    @field_validator("end_on")
    @classmethod
    def _after_the_start(cls, end_on: date | None, others: ValidationInfo) -> date | None:
        return end_on and _later(end_on, others.data.get("start_on"))


class OfForce(PilotCommand):
    """The base of what one of a pilot's forces does for itself. `force_id` is needed only by
    somebody who acts for several of them."""

    force_id: Annotated[int, IdOf("Force")] | None = None


class JoinPilot(OfForce):
    """Take part in another force's pilot, with a site of one's own."""

    site: Line
    site_role: SiteRole = SiteRole.TREATMENT


class ApproveJoining(OfForce):
    """The joining force's senior responsible owner approves; its own reviewers follow."""

    reason: Reason | None = None
    """Why, for everybody who works on it: it stands with the step."""


class LeavePilot(OfForce):
    reason: Reason


class AddSite(OfForce):
    name: Line
    role: SiteRole


class RemoveSite(Command):
    site_id: Annotated[int, IdOf("PilotSite")]


class SignAssurance(OfForce):
    """A reviewer of the force signs. Without `reviewer`, for everything they review."""

    reviewer: ReviewerType | None = None
    note: Prose | None = None
    """What the reviewer wants remembered: conditions, doubts."""


class ProtocolSections(Command):
    """What is written under the headings of Crim-PORT 1.0, beside what the protocol's fields say;
    the analysis plan is a field of its own."""

    name_and_hypotheses: Prose | None = None
    organisational_framework: Prose | None = None
    unit_of_analysis: Prose | None = None
    eligibility_criteria: Prose | None = None
    pipeline_recruitment: Prose | None = None
    timing: Prose | None = None
    random_assignment: Prose | None = None
    treatment_and_comparison: Prose | None = None
    measuring_and_managing_treatment: Prose | None = None
    measuring_outcomes: Prose | None = None
    due_date_and_dissemination: Prose | None = None


class ProposeProtocol(Command):
    """Write the protocol, or change it while it is not locked.

    A draft may lack `unit_of_analysis`, `delivery_framework` and any text of `sections`; before the
    lock, `unanswered` of the Protocol tells which are needed.

    The KPI is the pilot's; `kpi_type`, `direction` and `unit` come from the reference list and need
    not be repeated. `revision` is the protocol's own, and needed to change an existing one.
    """

    pilot_id: Annotated[int, IdOf("Pilot")]
    revision: int | None = None
    kpi_type: Line | None = None
    direction: Direction | None = None
    unit: Line | None = None
    baseline_value: Number
    """As the KPI's type counts: a fraction for proportions (0.42 is 42%)."""
    baseline_source: Line
    minimum_important_effect: Number
    design: Line
    unit_of_analysis: UnitOfAnalysis | None = None
    delivery_framework: DeliveryFramework | None = None
    sections: ProtocolSections = Field(default_factory=ProtocolSections)
    sample_size: Annotated[int, Field(ge=2, le=10**12)]
    analysis_plan: Prose
    stop_rules: Prose
    stop_limits: Annotated[list[StopLimit], Field(max_length=10)] = Field(default_factory=list)
    """The rules among them that a number decides: a checkpoint that meets one pauses the pilot."""
    overdispersion: Annotated[float, Field(ge=1, le=1000)] | None = None
    """Of a count rate: the variance of its counts over their mean."""
    baseline_counts: Annotated[
        list[Annotated[int, Field(ge=0, le=10**9)]], Field(max_length=240)
    ] = Field(default_factory=list)
    """In its place: the counts of equal stretches of time before, such as months, from which the
    hub works it out."""
    design_effect: Annotated[float, Field(ge=1, le=1000)] | None = None
    """Of proportions and means in clusters."""
    before_after_correlation: Annotated[float, Field(ge=-0.99, le=0.99)] | None = None
    """Of the same units before and after, for means."""
    result_due_on: date


class LockProtocol(Command):
    """The second person's confirmation. `revision` is the protocol's own: what was read."""

    pilot_id: Annotated[int, IdOf("Pilot")]
    revision: int | None = None
    leave_out: bool = False
    """Lock without the joined forces that have not approved or signed yet."""


class StartPilot(PilotCommand):
    pass


class PausePilot(PilotCommand):
    reason: Reason


class ResumePilot(PilotCommand):
    """`reason` says what cleared the cause of the pause."""

    reason: Reason


class AgreeToResume(PilotCommand):
    """The assurance officer's word that what paused the pilot is cleared."""

    reason: Reason


class AgreeContinuation(PilotCommand):
    """The force's word on how its pilot goes on when the technology is taken off the market:
    `reason` says how."""

    reason: Reason


class StopPilot(PilotCommand):
    """Stop for good. Where no data were recorded, `no_data_reason` says why there are none: it is
    published in place of a result."""

    stop_reason: StopReason
    reason: Reason
    no_data_reason: Reason | None = None


class FinishPilot(PilotCommand):
    """The end of the running time: what follows is analysis."""


class ExplainOverdue(PilotCommand):
    """Say in public why the result is overdue: until then, or until it is reported, the force
    begins nothing new with the supplier."""

    reason: Reason


class TendPilot(PilotCommand):
    """Do what the calendar asks of the hub itself."""


class LapsePilot(PilotCommand):
    """End a pilot that nobody moved on."""

    reason: Reason


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
        return _later(end_on, others.data.get("start_on"))


def _later(end_on: date, start_on: date | None) -> date:
    if start_on is not None and end_on <= start_on:
        raise ValueError("The end must be after the start.")
    return end_on


def _joined(join_id: int | None, choice: OverlapChoice | None) -> int | None:
    if choice is OverlapChoice.JOIN_AS_SITE and join_id is None:
        raise ValueError("Name the pilot that your force joins.")
    if choice is not OverlapChoice.JOIN_AS_SITE and join_id is not None:
        raise ValueError("A pilot to join is named only to join it as a site.")
    return join_id


def _reasoned(reason: str | None, choice: OverlapChoice | None) -> str | None:
    if choice is OverlapChoice.PROCEED_WITH_REASON and reason is None:
        raise ValueError("Say why a pilot of your own is needed: the board will read it.")
    return reason
