"""What a protocol registers beside its primary KPI, and the effects on it."""

from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry.scalars import JSON

from innohub.graphql.read.declare import Connection, Node, Term, column, node, one, paged
from innohub.graphql.types.reference import label_of
from innohub.market.evidence import models as evidence
from innohub.market.evidence import policy as effects
from innohub.market.evidence.estimators.result import Method
from innohub.market.pilots.outcomes import models as rows
from innohub.market.pilots.outcomes import policy
from innohub.market.pilots.outcomes.models import Aim, OutcomeRole

if TYPE_CHECKING:
    from innohub.graphql.types.evidence import TrialDataset
else:
    TrialDataset = Annotated["TrialDataset", strawberry.lazy("innohub.graphql.types.evidence")]

strawberry.enum(OutcomeRole)
strawberry.enum(Aim)


@node(rows.ProtocolOutcome, policy.visible, name="ProtocolOutcome")
class ProtocolOutcome(Node):
    """A secondary, safety or equality KPI of a protocol."""

    number: int = column(rows.ProtocolOutcome.id, "As in the page's address.")
    role: OutcomeRole = column(rows.ProtocolOutcome.role)
    kpi: str = column(rows.ProtocolOutcome.kpi)
    kpi_label: str = column(lambda row: label_of("kpi", row.kpi))
    population: str = column(
        rows.ProtocolOutcome.population, "The group it is measured for; empty for everybody."
    )
    kpi_type: str = column(rows.ProtocolOutcome.kpi_type)
    direction: Aim = column(rows.ProtocolOutcome.direction)
    unit: str = column(rows.ProtocolOutcome.unit)
    design: str = column(rows.ProtocolOutcome.design)
    minimum_important_effect: float | None = column(rows.ProtocolOutcome.minimum_important_effect)
    limit_low: float | None = column(
        rows.ProtocolOutcome.limit_low, "At this value or below it, it breaks its stop rule."
    )
    limit_high: float | None = column(
        rows.ProtocolOutcome.limit_high, "At this value or above it, it breaks its stop rule."
    )
    datasets: Connection[TrialDataset] = paged(
        lambda row, dataset: (dataset.pilot_id == row.pilot_id) & (dataset.outcome_id == row.id),
        order=lambda dataset, given: [Term(dataset.version, descending=True, unique=True)],
    )


@node(evidence.OutcomeEffect, effects.effect_visible, name="OutcomeEffect")
class OutcomeEffect(Node):
    """The effect on a further KPI with its 95% interval; null where the finding says why."""

    scale: str | None = column(evidence.OutcomeEffect.scale)
    effect: float | None = column(evidence.OutcomeEffect.effect)
    lower: float | None = column(evidence.OutcomeEffect.lower)
    upper: float | None = column(evidence.OutcomeEffect.upper)
    p_value: float | None = column(evidence.OutcomeEffect.p_value)
    sample_size: int | None = column(evidence.OutcomeEffect.sample_size)
    method: str | None = column(evidence.OutcomeEffect.method)
    analyst_supplied: bool = column(
        lambda row: row.method.is_not_distinct_from(Method.ANALYST_SUPPLIED),
        "Whether the analysts estimated the effect, and not the hub.",
    )
    grade: int = column(evidence.OutcomeEffect.grade, "Maryland scale, of its own design.")
    finding: str = column(evidence.OutcomeEffect.finding, "In one sentence.")
    notes: list[str] = column(evidence.OutcomeEffect.notes)
    secondary: JSON = column(evidence.OutcomeEffect.secondary)
    breach: str | None = column(
        evidence.OutcomeEffect.breach, "How it broke its stop rule; that caps the verdict."
    )
    inputs_hash: str | None = column(evidence.OutcomeEffect.inputs_hash)
    outcome: ProtocolOutcome | None = one(lambda row, outcome: outcome.id == row.outcome_id)
