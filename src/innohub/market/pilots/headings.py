"""The twelve headings of Crim-PORT 1.0 (Cambridge), under which a protocol says its whole plan.

Some the protocol's own fields answer: nobody writes the KPI or the dates twice, and may add what
the fields do not say. The others are written, and the lock waits for them. A draft may lack any.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Protocol

from innohub.errors import Problem


class ProtocolHeading(StrEnum):
    """In Crim-PORT's order; vocabulary, `protocol_sections`."""

    NAME_AND_HYPOTHESES = "name_and_hypotheses"
    ORGANISATIONAL_FRAMEWORK = "organisational_framework"
    UNIT_OF_ANALYSIS = "unit_of_analysis"
    ELIGIBILITY_CRITERIA = "eligibility_criteria"
    PIPELINE_RECRUITMENT = "pipeline_recruitment"
    TIMING = "timing"
    RANDOM_ASSIGNMENT = "random_assignment"
    TREATMENT_AND_COMPARISON = "treatment_and_comparison"
    MEASURING_AND_MANAGING_TREATMENT = "measuring_and_managing_treatment"
    MEASURING_OUTCOMES = "measuring_outcomes"
    ANALYSIS_PLAN = "analysis_plan"
    DUE_DATE_AND_DISSEMINATION = "due_date_and_dissemination"


class UnitOfAnalysis(StrEnum):
    """What is counted, and put in one group or the other."""

    INCIDENT = "incident"
    PERSON = "person"
    OFFICER = "officer"
    SHIFT = "shift"
    DEVICE = "device"
    BEAT = "beat"
    STATION = "station"
    BCU = "bcu"
    FORCE = "force"
    MONTH = "month"
    CASE_FILE = "case_file"


class DeliveryFramework(StrEnum):
    """Who runs the trial; Crim-PORT names the first two."""

    IN_HOUSE = "in_house"
    DUAL_PARTNERSHIP = "dual_partnership"
    MULTI_AGENCY = "multi_agency"
    INDEPENDENT = "independent"


class Plan(Protocol):
    """What the lock looks at: a protocol, or what stands for one."""

    design: Any
    unit_of_analysis: Any
    delivery_framework: Any
    sections: Any
    """Texts by heading."""


H = ProtocolHeading
ANSWERED_BY: dict[ProtocolHeading, tuple[str, ...]] = {
    H.NAME_AND_HYPOTHESES: (
        "title", "question", "kpi", "direction", "minimum_important_effect",
    ),
    H.ORGANISATIONAL_FRAMEWORK: ("force", "delivery_framework"),
    H.UNIT_OF_ANALYSIS: ("unit_of_analysis", "design_effect"),
    H.ELIGIBILITY_CRITERIA: (),
    H.PIPELINE_RECRUITMENT: ("sample_size",),
    H.TIMING: ("start_on", "end_on"),
    H.RANDOM_ASSIGNMENT: ("design",),
    H.TREATMENT_AND_COMPARISON: ("technology", "listing_version", "sites"),
    H.MEASURING_AND_MANAGING_TREATMENT: ("stop_rules", "stop_limits"),
    H.MEASURING_OUTCOMES: ("kpi", "kpi_type", "unit", "baseline_value", "baseline_source"),
    H.ANALYSIS_PLAN: (
        "analysis_plan", "overdispersion", "baseline_counts", "before_after_correlation",
    ),
    H.DUE_DATE_AND_DISSEMINATION: ("result_due_on",),
}  # fmt: skip
"""The fields of the registered plan that stand under each heading, by their names there."""
WITH_TEXT = tuple(heading for heading in H if heading is not H.ANALYSIS_PLAN)
"""Those with a text beside their fields: the analysis plan is a field and a text in one."""
ALWAYS_WRITTEN = (
    H.ORGANISATIONAL_FRAMEWORK,
    H.ELIGIBILITY_CRITERIA,
    H.PIPELINE_RECRUITMENT,
    H.TREATMENT_AND_COMPARISON,
    H.MEASURING_AND_MANAGING_TREATMENT,
)
"""Whose fields do not answer them by themselves."""
CHOSEN = {
    H.ORGANISATIONAL_FRAMEWORK: "delivery_framework",
    H.UNIT_OF_ANALYSIS: "unit_of_analysis",
}
"""Fields that a draft may lack, by the heading they stand under."""
UNASSIGNED = frozenset({"after_only", "before_after", "interrupted_time_series_no_control"})
"""Designs with one group: nobody is assigned, by lot or otherwise, so there is nothing to write."""


def title(heading: ProtocolHeading) -> str:
    """As a reader reads it: "Unit of analysis"."""
    if heading is H.PIPELINE_RECRUITMENT:
        return "Pipeline and recruitment"
    return heading.replace("_", " ").capitalize()


def must_be_written(heading: ProtocolHeading, design: str) -> bool:
    """Whether the lock needs a text under it. The analysis plan has its field, never empty."""
    assigned = heading is H.RANDOM_ASSIGNMENT and design not in UNASSIGNED
    return assigned or heading in ALWAYS_WRITTEN


def missing(plan: Plan) -> list[Problem]:
    """What it lacks before it can be locked, by the field of ProposeProtocol; in the order of the
    headings."""
    found = []
    for place, heading in enumerate(H, start=1):
        subject = f"{place}. {title(heading)}"
        field = CHOSEN.get(heading)
        if field is not None and getattr(plan, field) is None:
            found.append(Problem(f"{subject}: choose the {field.replace('_', ' ')}.", field))
        if must_be_written(heading, plan.design) and not plan.sections.get(heading):
            found.append(Problem(f"{subject}: nothing is written yet.", f"sections.{heading}"))
    return found


def as_registered(sections: Mapping[str, str]) -> dict[str, Any]:
    """All twelve as the hash covers them: the text, and which of the plan's other entries stand
    under the heading."""
    return {
        heading.value: {"text": sections.get(heading), "entries": list(ANSWERED_BY[heading])}
        for heading in H
    }
