"""The protocol of a pilot, and what its stop rules look at."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, one_of
from innohub.market.pilots.headings import DeliveryFramework, UnitOfAnalysis


class Direction(StrEnum):
    HIGHER_IS_BETTER = "higher_is_better"
    LOWER_IS_BETTER = "lower_is_better"


class StopMeasure(StrEnum):
    """What a stop rule looks at: the pilot's KPI, or a count of what must not happen."""

    KPI = "kpi"
    SAFETY = "safety"


class StopComparison(StrEnum):
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


class Protocol(Entity):
    """What the pilot will measure and how, fixed before it starts."""

    __tablename__ = "protocol"
    __table_args__ = (
        UniqueConstraint("pilot_id"),
        one_of("direction", Direction),
        one_of("unit_of_analysis", UnitOfAnalysis),
        one_of("delivery_framework", DeliveryFramework),
        CheckConstraint("minimum_important_effect > 0", name="minimum_important_effect"),
        CheckConstraint("(locked_at IS NULL) = (hash IS NULL)", name="locked_whole"),
    )

    pilot_id: Mapped[int] = mapped_column(ForeignKey("pilot.id"))
    kpi: Mapped[str]
    kpi_type: Mapped[str]
    """`proportion`, `count_rate` or `mean`."""
    direction: Mapped[Direction]
    unit: Mapped[str]
    baseline_value: Mapped[float]
    baseline_source: Mapped[str]
    minimum_important_effect: Mapped[float]
    """On the KPI's own scale: a fraction for proportions, a relative change for rates, units for
    means."""
    design: Mapped[str]
    unit_of_analysis: Mapped[UnitOfAnalysis | None]
    delivery_framework: Mapped[DeliveryFramework | None]
    """Both None in a draft, and in plans of the time before they were asked for."""
    sections: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    """What was written under the headings of Crim-PORT, beside the fields; see `headings`."""
    sample_size: Mapped[int]
    analysis_plan: Mapped[str]
    stop_rules: Mapped[str]
    stop_limits: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB, default=list, server_default="[]"
    )
    """The stop rules that a number decides; see `commands.StopLimit`."""
    overdispersion: Mapped[float | None]
    """Of counts: their variance over their mean, entered or from `baseline_counts`."""
    baseline_counts: Mapped[list[int]] = mapped_column(JSONB, default=list, server_default="[]")
    """Of equal stretches of time before, such as months; empty where none were given."""
    design_effect: Mapped[float | None]
    """How much clustering inflates the variance of proportions and means."""
    before_after_correlation: Mapped[float | None]
    """Of one unit's values before and after, where the same units are measured twice."""
    result_due_on: Mapped[date]
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    locked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    locked_at: Mapped[datetime | None]
    hash: Mapped[str | None]
    """SHA-256 over `canonical`, written at the lock."""
    canonical: Mapped[dict[str, Any] | None]
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}
