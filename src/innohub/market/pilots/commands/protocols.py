"""Writing the protocol, and locking it."""

from datetime import date
from typing import Annotated

from pydantic import Field

from innohub.db.identifiers import IdOf
from innohub.market.command import Command, Line, Prose
from innohub.market.pilots.commands.parts import Number
from innohub.market.pilots.headings import DeliveryFramework, UnitOfAnalysis
from innohub.market.pilots.models import Direction, StopComparison, StopMeasure


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
