"""EMMIE records as they are stored: every one is a version of its site's, and none is ever
changed."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity

NOTES = ("mechanism", "moderators", "implementation", "economics")
"""EMMIE without its first letter, the effect, which the engine computes."""
QUALITY = {
    0: "no information",
    1: "limited",
    2: "moderate",
    3: "strong",
    4: "very strong",
}
"""How good the evidence behind a note is; vocabulary, `emmie_q`."""


class EmmieEffect(StrEnum):
    """The letter E: what the KPI did; vocabulary, `emmie_effect_scale`. The mixed ones are of
    several trials together."""

    OVERALL_INCREASE = "overall_increase"
    OVERALL_NO_CHANGE = "overall_no_change"
    MIXED_MOSTLY_DECREASE = "mixed_mostly_decrease"
    MIXED_MOSTLY_INCREASE = "mixed_mostly_increase"
    OVERALL_DECREASE = "overall_decrease"
    INSUFFICIENT = "insufficient"


class EmmieRecord(Entity):
    """What one site of a pilot has to tell beside the effect, each note with how good the evidence
    behind it is."""

    __tablename__ = "emmie_record"
    __table_args__ = (
        UniqueConstraint("site_id", "version"),
        *(
            CheckConstraint(
                f"{name}_quality BETWEEN 0 AND 4 AND ({name} IS NULL) = ({name}_quality = 0)",
                name=f"{name}_quality",
            )
            for name in NOTES
        ),
        CheckConstraint(f"coalesce({', '.join(NOTES)}) IS NOT NULL", name="says_something"),
    )

    pilot_id: Mapped[int] = mapped_column(ForeignKey("pilot.id"), index=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("pilot_site.id"))
    version: Mapped[int]
    mechanism: Mapped[str | None]
    """How it works,"""
    mechanism_quality: Mapped[int] = mapped_column(server_default=text("0"))
    """by `QUALITY`; 0 where nothing is told, as with the next three."""
    moderators: Mapped[str | None]
    """where and for whom it works best,"""
    moderators_quality: Mapped[int] = mapped_column(server_default=text("0"))
    implementation: Mapped[str | None]
    """what supported or obstructed it,"""
    implementation_quality: Mapped[int] = mapped_column(server_default=text("0"))
    economics: Mapped[str | None]
    """and what it costs."""
    economics_quality: Mapped[int] = mapped_column(server_default=text("0"))
    reason: Mapped[str | None]
    """Why a record that was public is replaced."""
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
