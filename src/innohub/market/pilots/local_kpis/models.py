"""KPIs that forces propose for the dictionary, each approved or refused."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, one_of
from innohub.market.machine import Machine
from innohub.market.pilots.outcomes.models import Aim


class LocalKpiState(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"


S = LocalKpiState
LOCAL_KPI = Machine(
    "local KPI",
    [("approve", {S.PROPOSED}, S.APPROVED), ("refuse", {S.PROPOSED}, S.REFUSED)],
)


class CountedAs(StrEnum):
    """The types for which the results engine has an effect."""

    PROPORTION = "proportion"
    COUNT_RATE = "count_rate"
    MEAN = "mean"


class LocalKpi(Entity):
    """What a force wants to measure and the shared dictionary lacks. Once approved, it is an entry
    of the dictionary, marked as local; what it says is never changed."""

    __tablename__ = "local_kpi"
    __table_args__ = (
        one_of("state", LocalKpiState),
        one_of("type", CountedAs),
        one_of("direction", Aim),
        CheckConstraint("(state = 'approved') = (kpi IS NOT NULL)", name="approved"),
        CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("state <> 'refused' OR decision_reason IS NOT NULL", name="refused"),
        Index("ix_local_kpi_force_id", "force_id"),
    )

    force_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str]
    definition: Mapped[str]
    type: Mapped[CountedAs]
    direction: Mapped[Aim]
    unit: Mapped[str]
    state: Mapped[LocalKpiState]
    kpi: Mapped[str | None] = mapped_column(unique=True)
    """Its id in the reference list `kpi`, once approved."""
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]
    """Why it was refused; of an approved one, what the adviser adds."""
