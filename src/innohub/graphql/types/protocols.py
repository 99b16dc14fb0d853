"""The protocol of a pilot."""

from datetime import date, datetime
from typing import Any

import strawberry
from sqlalchemy import and_, case, func, literal_column, null, or_, select, text
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import aliased
from strawberry.scalars import JSON

from innohub.graphql.read.declare import Node, Row, column, many, node, part
from innohub.graphql.types.outcomes import ProtocolOutcome
from innohub.graphql.types.people import name_of
from innohub.graphql.types.reference import label_of
from innohub.identity.viewer import Viewer
from innohub.market.pilots import models as rows
from innohub.market.pilots import policy
from innohub.market.pilots.headings import (
    ALWAYS_WRITTEN,
    CHOSEN,
    UNASSIGNED,
    DeliveryFramework,
    ProtocolHeading,
    UnitOfAnalysis,
)
from innohub.market.pilots.models import Direction

strawberry.enum(Direction)
strawberry.enum(UnitOfAnalysis)
strawberry.enum(DeliveryFramework)
strawberry.enum(ProtocolHeading)
H = ProtocolHeading


@strawberry.type(
    description="What was written under the headings of Crim-PORT 1.0, beside what the protocol's "
    "fields say; the analysis plan is a field of its own."
)
class ProtocolSections:
    name_and_hypotheses: str | None = column(lambda row: _text(row, H.NAME_AND_HYPOTHESES))
    organisational_framework: str | None = column(
        lambda row: _text(row, H.ORGANISATIONAL_FRAMEWORK)
    )
    unit_of_analysis: str | None = column(lambda row: _text(row, H.UNIT_OF_ANALYSIS))
    eligibility_criteria: str | None = column(lambda row: _text(row, H.ELIGIBILITY_CRITERIA))
    pipeline_recruitment: str | None = column(lambda row: _text(row, H.PIPELINE_RECRUITMENT))
    timing: str | None = column(lambda row: _text(row, H.TIMING))
    random_assignment: str | None = column(lambda row: _text(row, H.RANDOM_ASSIGNMENT))
    treatment_and_comparison: str | None = column(
        lambda row: _text(row, H.TREATMENT_AND_COMPARISON)
    )
    measuring_and_managing_treatment: str | None = column(
        lambda row: _text(row, H.MEASURING_AND_MANAGING_TREATMENT)
    )
    measuring_outcomes: str | None = column(lambda row: _text(row, H.MEASURING_OUTCOMES))
    due_date_and_dissemination: str | None = column(
        lambda row: _text(row, H.DUE_DATE_AND_DISSEMINATION)
    )


@node(rows.Protocol, policy.protocol_visible, name="Protocol")
class Protocol(Node):
    """What the pilot measures and how, fixed before it starts."""

    kpi: str = column(rows.Protocol.kpi)
    kpi_label: str = column(lambda row: label_of("kpi", row.kpi))
    kpi_type: str = column(rows.Protocol.kpi_type)
    direction: Direction = column(rows.Protocol.direction)
    unit: str = column(rows.Protocol.unit)
    baseline_value: float = column(rows.Protocol.baseline_value)
    baseline_source: str = column(rows.Protocol.baseline_source)
    minimum_important_effect: float = column(rows.Protocol.minimum_important_effect)
    design: str = column(rows.Protocol.design)
    unit_of_analysis: UnitOfAnalysis | None = column(
        rows.Protocol.unit_of_analysis, "What is counted, and put in one group or the other."
    )
    delivery_framework: DeliveryFramework | None = column(
        rows.Protocol.delivery_framework, "Who runs the trial."
    )
    sections: ProtocolSections = part()
    unanswered: list[ProtocolHeading] = column(
        lambda row: unanswered(row),
        "The headings that the lock waits for; of plans that were locked before they were asked "
        "for, those that stay empty.",
    )
    sample_size: int = column(rows.Protocol.sample_size)
    analysis_plan: str = column(rows.Protocol.analysis_plan)
    stop_rules: str = column(rows.Protocol.stop_rules)
    stop_limits: JSON = column(
        rows.Protocol.stop_limits,
        "The stop rules that a number decides: measure, label, comparison and threshold of each.",
    )
    overdispersion: float | None = column(
        rows.Protocol.overdispersion,
        "Variance of the counts over their mean, entered or from the counts before.",
    )
    baseline_counts: JSON = column(
        rows.Protocol.baseline_counts, "Of equal stretches of time before, such as months."
    )
    design_effect: float | None = column(rows.Protocol.design_effect)
    before_after_correlation: float | None = column(rows.Protocol.before_after_correlation)
    result_due_on: date = column(rows.Protocol.result_due_on)
    locked_at: datetime | None = column(rows.Protocol.locked_at)
    hash: str | None = column(rows.Protocol.hash, "SHA-256 over the canonical protocol.")
    revision: int = column(rows.Protocol.revision)
    outcomes: list[ProtocolOutcome] = many(
        lambda row, outcome: outcome.pilot_id == row.pilot_id,
        lambda outcome: [outcome.id],
        "At most 30.",
        "Its secondary, safety and equality KPIs.",
    )
    proposed_by: str | None = column(
        lambda row: name_of(row.proposed_by_id), shown=lambda row, viewer: _party(row, viewer)
    )


def _text(row: Row, heading: ProtocolHeading) -> Any:
    return row.sections[literal_column(f"'{heading}'")].astext


def unanswered(row: Row) -> Any:
    """In SQL what `headings.missing` says; a test holds them side by side."""
    unassigned: list[Any] = [literal_column(f"'{design}'") for design in sorted(UNASSIGNED)]
    lacks: dict[ProtocolHeading, list[Any]] = {}
    for heading, field in CHOSEN.items():
        lacks.setdefault(heading, []).append(getattr(row, field).is_(None))
    for heading in ALWAYS_WRITTEN:
        lacks.setdefault(heading, []).append(_text(row, heading).is_(None))
    assigned = row.design.not_in(unassigned)
    lacks[H.RANDOM_ASSIGNMENT] = [and_(assigned, _text(row, H.RANDOM_ASSIGNMENT).is_(None))]
    names = [case((or_(*lacks[h]), literal_column(f"'{h}'"))) for h in H if h in lacks]
    return func.array_remove(array(names), null())


def _party(row: Row, viewer: Viewer) -> Any:
    pilot = aliased(rows.Pilot)
    return (
        select(text("1"))
        .select_from(pilot)
        .where(pilot.id == row.pilot_id, policy.party(pilot, viewer))
        .correlate_except(pilot)
        .exists()
    )
