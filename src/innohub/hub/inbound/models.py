"""What came back from suppliers' systems: each message that was taken, and each note on a pilot."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity


class InboundMessage(Entity):
    """A signed message that was taken, by its `webhook-id`. No policy shows it."""

    __tablename__ = "inbound_message"
    __table_args__ = (
        UniqueConstraint("connection_id", "message_id"),
        Index("ix_inbound_message_connection_id_created_at", "connection_id", "created_at"),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    message_id: Mapped[str]
    signed_at: Mapped[int]
    """Seconds since 1970, as signed: who sends the same again signs anew."""


class SupplierNote(Entity):
    """How a record fares in the supplier's own system, in its words. Rows are only ever added."""

    __tablename__ = "supplier_note"
    __table_args__ = (
        Index("ix_supplier_note_pilot_id_id", "pilot_id", text("id DESC")),
        Index("ix_supplier_note_connection_id_record_key", "connection_id", "record_key"),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    """The supplier."""
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    pilot_id: Mapped[int] = mapped_column(ForeignKey("pilot.id"))
    record_key: Mapped[str]
    status: Mapped[str | None]
    body: Mapped[str | None]
    by_name: Mapped[str | None]
    happened_at: Mapped[datetime | None]
    """By their clock."""


class InboundPoll(Entity):
    """When a connection's system is next asked what changed. No policy shows it."""

    __tablename__ = "inbound_poll"
    __table_args__ = (
        UniqueConstraint("connection_id"),
        Index("ix_inbound_poll_next_at", "next_at"),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    since: Mapped[datetime]
    """When the last whole round began."""
    next_at: Mapped[datetime]
    fence: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    """Rounds in a row that failed."""
    detail: Mapped[str | None]
    """Why the last round failed."""
