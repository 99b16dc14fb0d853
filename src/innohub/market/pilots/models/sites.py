"""Who takes part in a pilot and where, and the signatures that each force needs."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, one_of
from innohub.identity.models import ReviewerType


class SiteRole(StrEnum):
    """Whether the technology is used at a site, or what happens without it is counted there."""

    TREATMENT = "treatment"
    COMPARISON = "comparison"


class PilotSite(Entity):
    """A place where the pilot runs, of one of its forces."""

    __tablename__ = "pilot_site"
    __table_args__ = (
        UniqueConstraint("pilot_id", "force_id", "name"),
        one_of("role", SiteRole),
    )

    pilot_id: Mapped[int] = mapped_column(ForeignKey("pilot.id"))
    force_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str]
    role: Mapped[SiteRole]


class PilotForce(Entity):
    """A further force that joined the pilot with sites of its own; the first one stands with the
    pilot itself."""

    __tablename__ = "pilot_force"
    __table_args__ = (
        UniqueConstraint("pilot_id", "force_id"),
        Index("ix_pilot_force_force_id_pilot_id", "force_id", "pilot_id"),
    )

    pilot_id: Mapped[int] = mapped_column(ForeignKey("pilot.id"))
    force_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    approved_at: Mapped[datetime | None]
    """When its own senior responsible owner approved the joining."""
    assured_at: Mapped[datetime | None]
    """When the last of its own reviewers had signed."""
    recorded_at: Mapped[datetime | None]
    """When it first handed in the data of its own sites."""
    left_at: Mapped[datetime | None]
    """When it left, or was left out at the lock."""
    left_reason: Mapped[str | None]


class PilotGate(Entity):
    """A reviewer's signature that one force needs before the lock, or what stands in for it."""

    __tablename__ = "pilot_gate"
    __table_args__ = (
        UniqueConstraint("pilot_id", "force_id", "reviewer"),
        one_of("reviewer", ReviewerType),
    )

    pilot_id: Mapped[int] = mapped_column(ForeignKey("pilot.id"))
    force_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    reviewer: Mapped[ReviewerType]
    covered_by: Mapped[str | None]
    """The type of the passport's item that this force accepted in the reviewer's place, as it stood
    when the gates were set; an id of the reference list `assurance_type`."""
    signed_at: Mapped[datetime | None]
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str | None]
    """What the reviewer wants remembered."""
