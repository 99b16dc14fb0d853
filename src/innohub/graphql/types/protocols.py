"""The protocol of a pilot."""

from datetime import date, datetime
from typing import Any

import strawberry
from sqlalchemy import select, text
from sqlalchemy.orm import aliased
from strawberry.scalars import JSON

from innohub.graphql.read.declare import Node, Row, column, node
from innohub.graphql.types.people import name_of
from innohub.graphql.types.reference import label_of
from innohub.identity.viewer import Viewer
from innohub.market.pilots import models as rows
from innohub.market.pilots import policy
from innohub.market.pilots.models import Direction

strawberry.enum(Direction)


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
    proposed_by: str | None = column(
        lambda row: name_of(row.proposed_by_id), shown=lambda row, viewer: _party(row, viewer)
    )


def _party(row: Row, viewer: Viewer) -> Any:
    pilot = aliased(rows.Pilot)
    return (
        select(text("1"))
        .select_from(pilot)
        .where(pilot.id == row.pilot_id, policy.party(pilot, viewer))
        .correlate_except(pilot)
        .exists()
    )
