"""The assurance items a supplier holds for a technology."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, one_of


class AssuranceStatus(StrEnum):
    DECLARED = "declared"
    EVIDENCE_UPLOADED = "evidence_uploaded"
    VERIFIED = "verified"
    EXPIRED = "expired"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"


class AssuranceItem(Entity):
    __tablename__ = "assurance_item"
    __table_args__ = (
        UniqueConstraint("technology_id", "type", "reference"),
        one_of("status", AssuranceStatus),
        CheckConstraint("expires_on IS NULL OR expires_on > issued_on", name="dates"),
    )

    technology_id: Mapped[int] = mapped_column(ForeignKey("technology.id"))
    type: Mapped[str]
    """An id of the reference list `assurance_type`."""
    issuer: Mapped[str]
    reference: Mapped[str]
    issued_on: Mapped[date]
    expires_on: Mapped[date | None]
    status: Mapped[AssuranceStatus]
    verified_at: Mapped[datetime | None]
