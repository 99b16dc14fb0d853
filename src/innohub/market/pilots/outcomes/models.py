"""What a protocol registers beside its primary KPI."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, one_of


class OutcomeRole(StrEnum):
    """Vocabulary, `kpi_role`, without the primary one and what other records hold."""

    SECONDARY = "secondary"
    SAFETY_HARM = "safety_harm"
    EQUALITY = "equality"


WATCHED = frozenset({OutcomeRole.SAFETY_HARM, OutcomeRole.EQUALITY})
"""Those whose limits cap the verdict."""


class Aim(StrEnum):
    """Which way the KPI is to go; within a band, no change is the better for its size."""

    HIGHER_IS_BETTER = "higher_is_better"
    LOWER_IS_BETTER = "lower_is_better"
    TARGET_BAND = "target_band"


class ProtocolOutcome(Entity):
    """A secondary, safety or equality KPI of a pilot: what is measured of whom, by which design,
    and at which value with the technology it breaks its stop rule."""

    __tablename__ = "protocol_outcome"
    __table_args__ = (
        UniqueConstraint("pilot_id", "kpi", "population"),
        one_of("role", OutcomeRole),
        one_of("direction", Aim),
        CheckConstraint("minimum_important_effect > 0", name="minimum_important_effect"),
        CheckConstraint("(role = 'equality') = (population <> '')", name="population"),
        CheckConstraint(
            "CASE role WHEN 'secondary' THEN coalesce(limit_low, limit_high) IS NULL "
            "WHEN 'safety_harm' THEN coalesce(limit_low, limit_high) IS NOT NULL ELSE true END",
            name="limits",
        ),
    )

    pilot_id: Mapped[int] = mapped_column(ForeignKey("pilot.id"))
    role: Mapped[OutcomeRole]
    kpi: Mapped[str]
    """An id of the reference list `kpi`."""
    population: Mapped[str]
    """The group of people whom it is measured for, of an equality KPI; empty for everybody."""
    kpi_type: Mapped[str]
    direction: Mapped[Aim]
    unit: Mapped[str]
    design: Mapped[str]
    """Its own: a KPI that only exists with the technology, such as its false alarms, compares with
    nothing. With a limit, one whose effect the hub computes."""
    minimum_important_effect: Mapped[float | None]
    """As of the protocol; None where no size was registered."""
    limit_low: Mapped[float | None]
    limit_high: Mapped[float | None]
    """The stop rule is broken at this value or beyond it, with the technology: on the KPI's own
    scale, a fraction for proportions, the unit's rate for rates."""
