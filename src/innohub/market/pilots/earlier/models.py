"""A force's own account of a pilot that it ran without the hub."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, Model, one_of
from innohub.market.pilots.models import PilotDecision


class Recorded(StrEnum):
    """What became of an account that was handed in."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class EarlierPilot(Entity):
    """No pilot of the hub: it has no protocol, no states, no result and no verdict."""

    __tablename__ = "earlier_pilot"
    __table_args__ = (
        UniqueConstraint("force_id", "reference"),
        one_of("decision", PilotDecision),
        CheckConstraint("end_on > start_on", name="dates"),
        Index("ix_earlier_pilot_kpi_id", "kpi", text("id DESC")),
    )

    force_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    reference: Mapped[str]
    """The force's own: by it the account is found again."""
    technology_id: Mapped[int | None] = mapped_column(ForeignKey("technology.id"), index=True)
    """The listing of what was tried, where there is one."""
    product: Mapped[str]
    supplier_name: Mapped[str]
    """Both as the force wrote them: many such products are on no list."""
    title: Mapped[str]
    question: Mapped[str]
    kpi: Mapped[str]
    """An id of the reference list `kpi`."""
    start_on: Mapped[date]
    end_on: Mapped[date]
    found: Mapped[str]
    """What came of it, in the force's words. No figure of it is computed with."""
    decision: Mapped[PilotDecision | None]
    source_url: Mapped[str | None]
    """Where a report of it can be read."""


class EarlierOverlap(Model):
    """An earlier pilot like the one in question, as it was shown to the force that asked."""

    __tablename__ = "earlier_overlap"

    pilot_id: Mapped[int] = mapped_column(ForeignKey("pilot.id"), primary_key=True)
    earlier_id: Mapped[int] = mapped_column(ForeignKey("earlier_pilot.id"), primary_key=True)
    because: Mapped[str]
    """`same_technology` or `same_kpi`."""
