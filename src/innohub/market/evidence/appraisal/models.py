"""The stored appraisal: every one is a version, and none is ever changed."""

from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Numeric, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity


class Appraisal(Entity):
    """What a pilot's technology would cost and bring, at present values."""

    __tablename__ = "appraisal"
    __table_args__ = (UniqueConstraint("pilot_id", "version"),)

    pilot_id: Mapped[int] = mapped_column(ForeignKey("pilot.id"))
    version: Mapped[int]
    price_year: Mapped[int]
    optimism_bias_percent: Mapped[Decimal] = mapped_column(Numeric(6, 2))
    years: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """The sums of each year in pence, as they were given: cost_pence, cashable_pence,
    non_cashable_pence."""
    assumptions: Mapped[str]
    cost_pence: Mapped[int]
    """With the next two, present values; the cost is raised for optimism bias."""
    cashable_pence: Mapped[int]
    non_cashable_pence: Mapped[int]
    benefit_cost_ratio: Mapped[float | None]
    payback_months: Mapped[int | None]
    appraised_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
