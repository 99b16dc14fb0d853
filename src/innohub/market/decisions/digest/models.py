"""Digests that were sent, and the links that they carry."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity


class Digest(Entity):
    """That a person's digest of a period was composed: the claim on it, so that of several workers
    one composes it, once."""

    __tablename__ = "digest"
    __table_args__ = (UniqueConstraint("person_id", "period"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    period: Mapped[str]
    """`2026-11-30`, `2026-W49` or `2026-12`."""
    message_id: Mapped[int | None] = mapped_column(ForeignKey("mail_message.id"))
    """None where there was nothing to tell: then nobody was written to."""


class DecisionLink(Entity):
    """A link in an e-mail, which opens one decision for reading, once. Its token is stored hashed.
    It gives no right to decide anything."""

    __tablename__ = "decision_link"
    __table_args__ = (Index("ix_decision_link_expires_at", "expires_at"),)

    token_hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    decision_id: Mapped[int]
    expires_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
