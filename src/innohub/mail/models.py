"""E-mail on its way: written with what it tells of, sent afterwards."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity


class MailMessage(Entity):
    """One e-mail to one person. Its text is there until it is sent, and no longer, unless the
    demonstration's mailbox keeps it: its links carry tokens."""

    __tablename__ = "mail_message"
    __table_args__ = (
        CheckConstraint("(text IS NULL) = (html IS NULL)", name="both_parts"),
        CheckConstraint("sent_at IS NULL OR failed_at IS NULL", name="sent_or_failed"),
        Index(
            "ix_mail_message_due",
            "try_at",
            postgresql_where=text("sent_at IS NULL AND failed_at IS NULL"),
        ),
        Index("ix_mail_message_person_id", "person_id"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    key: Mapped[str] = mapped_column(unique=True)
    """What it tells, to whom: nobody is written to twice of it. Its Message-ID follows from it."""
    subject: Mapped[str]
    text: Mapped[str | None]
    html: Mapped[str | None]
    try_at: Mapped[datetime]
    """When it may be tried next; while somebody tries it, when their lease ends."""
    attempts: Mapped[int]
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    """When it was given up."""
    problem: Mapped[str | None]
    """What the mail server said last."""
