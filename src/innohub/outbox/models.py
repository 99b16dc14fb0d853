"""What happened (events, for the world outside) and who did it (audit entries, for the record)."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, Model


class EventStream(Model):
    """The counter of one stream; its row lock makes number order the commit order."""

    __tablename__ = "event_stream"

    name: Mapped[str] = mapped_column(primary_key=True)
    """`pilot/12`, `technology/7`: the thing whose events must stay in order."""
    last_seq: Mapped[int]


class Event(Entity):
    """A past-tense fact, stored with the change that made it true."""

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("stream", "seq"),
        UniqueConstraint("position"),
        Index("ix_event_supplier_id_position", "supplier_id", "position"),
    )

    stream: Mapped[str]
    seq: Mapped[int]
    """Counts from 1 within the stream, without gaps."""
    type: Mapped[str]
    """The wire name, as in `pilot.accepted`."""
    schema_version: Mapped[int]
    supplier_id: Mapped[int | None]
    """The supplier whose systems may hear of it; None where it concerns none."""
    payload: Mapped[dict[str, Any]]
    request_id: Mapped[str | None]
    traceparent: Mapped[str | None]
    """The trace of the request that recorded it (W3C Trace Context), for deliveries to go on."""
    position: Mapped[int | None]
    """Its place in the feed of all events, in the order of commits; given by `outbox.sealing`."""


class AuditEntry(Model):
    """One action by one actor. Each entry holds the hash of the one before it."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_object", "object_type", "object_id"),
        Index(
            "ix_audit_entry_person_id_seq",
            "person_id",
            "seq",
            postgresql_where=text("person_id IS NOT NULL"),
        ),
        Index(
            "ix_audit_entry_client_id_seq",
            "client_id",
            "seq",
            postgresql_where=text("client_id IS NOT NULL"),
        ),
    )

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    person_id: Mapped[int | None]
    client_id: Mapped[int | None]
    organisation_id: Mapped[int | None]
    """The organisation on whose behalf the actor acted."""
    action: Mapped[str]
    """`resource:verb`, as in `pilot:request`."""
    object_type: Mapped[str]
    object_id: Mapped[int]
    detail: Mapped[dict[str, Any]]
    """What changed, in the field's words. Never a secret, never personal data."""
    reason: Mapped[str | None]
    request_id: Mapped[str | None]
    prev_hash: Mapped[str]
    hash: Mapped[str]
