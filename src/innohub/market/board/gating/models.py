"""Gates: what a candidate must pass whatever its scores, and suppliers that are debarred."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, one_of


class Gate(StrEnum):
    NO_OVERDUE_RESULTS = "no_overdue_results"
    ASSURANCE_MINIMUM_MET = "assurance_minimum_met"
    NO_UNRESOLVED_SAFETY_STOP = "no_unresolved_safety_stop"
    PRICE_QUOTED = "price_quoted"
    NOT_DEBARRED = "not_debarred"


class GateStage(StrEnum):
    """When the gates are looked at. What decides is the ranking: until then a candidate can mend
    what failed at its entry."""

    ENTRY = "entry"
    RANKING = "ranking"


class GateCheck(Entity):
    """Whether one item passed one gate, as it was found at that time."""

    __tablename__ = "gate_check"
    __table_args__ = (
        UniqueConstraint("item_id", "gate", "stage"),
        one_of("gate", Gate),
        one_of("stage", GateStage),
    )

    item_id: Mapped[int] = mapped_column(ForeignKey("round_item.id"))
    gate: Mapped[Gate]
    stage: Mapped[GateStage]
    passed: Mapped[bool]
    detail: Mapped[str]
    """What was found, for those who read the decision record."""


class Debarment(Entity):
    """A time in which nothing of a supplier may be shortlisted."""

    __tablename__ = "debarment"
    __table_args__ = (
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="dates"),
        CheckConstraint("(lifted_at IS NULL) = (lifted_because IS NULL)", name="lifted"),
        Index("ix_debarment_supplier_id", "supplier_id"),
    )

    supplier_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    reason: Mapped[str]
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    """Its last day; None until further notice."""
    lifted_at: Mapped[datetime | None]
    lifted_because: Mapped[str | None]
