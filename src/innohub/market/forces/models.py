"""What a force works with and asks for: one sheet each, so that a technology can be looked at from
where the force stands."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, one_of
from innohub.market.assurance.models import Classification


class ForceSize(StrEnum):
    """By full-time equivalent officers: under 1,500; under 2,500; under 5,000; 5,000 and more."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    VERY_LARGE = "very_large"


class Network(StrEnum):
    """The vocabulary's networks, which are G-Cloud's with policing's."""

    PSN = "psn"
    PNN = "pnn"
    HSCN = "hscn"
    JANET = "janet"
    SWAN = "swan"
    INTERNET = "internet"
    OFFLINE = "offline"
    OTHER = "other"


class Vetting(StrEnum):
    """Levels of police vetting of people who are no employees of the force, in rising order."""

    NONE = "none"
    NPPV1 = "nppv1"
    NPPV2_ABBREVIATED = "nppv2_abbreviated"
    NPPV2_FULL = "nppv2_full"
    NPPV3 = "nppv3"


class ForceContext(Entity):
    """One force's sheet. Any of it may be left open; `peers` says what likens two forces."""

    __tablename__ = "force_context"
    __table_args__ = (
        UniqueConstraint("force_id"),
        one_of("size", ForceSize),
        one_of("max_classification", Classification),
        one_of("vetting_required", Vetting),
        CheckConstraint("union_consultation_days BETWEEN 0 AND 365", name="consultation"),
    )

    force_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    peer_group: Mapped[str | None]
    """An id of the reference list `peer_group`."""
    size: Mapped[ForceSize | None]
    rms_platform: Mapped[str | None]
    """The records management system, as its maker calls it."""
    command_and_control: Mapped[str | None]
    digital_evidence_system: Mapped[str | None]
    networks: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """Values of `Network`."""
    device_fleet: Mapped[str | None]
    hosting_policy: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """Ids of the reference list `hosting`: where it lets a technology run. Empty: not said."""
    max_classification: Mapped[Classification | None]
    """The highest that it would put on a new technology."""
    vetting_required: Mapped[Vetting | None]
    """The least that a supplier's people need before they come near its systems."""
    union_consultation_days: Mapped[int | None]
    """How long staff associations are consulted before officers get something new."""
    ethics_committee: Mapped[bool | None]
    """Whether an ethics committee is asked."""
    updated_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column()
    """Of two people who edit at once the second gets a Conflict."""

    __mapper_args__ = {"version_id_col": revision}
