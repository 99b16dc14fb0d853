"""Connections to suppliers' systems, what waits to be sent over them, and every attempt to send it.

A lane (one connection, one stream) is the unit of order and of claiming: whoever holds its lease
delivers its head, and the fence tells a late owner that it was replaced.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, one_of
from innohub.market.machine import Machine


class ConnectionState(StrEnum):
    """The vocabulary's `connector_status`."""

    DRAFT = "draft"
    AUTHORISING = "authorising"
    ACTIVE = "active"
    PAUSED = "paused"
    AUTH_EXPIRED = "auth_expired"
    FAILING = "failing"
    REVOKED = "revoked"


S = ConnectionState
CONNECTION = Machine(
    "connection",
    [
        ("pause", {S.ACTIVE, S.FAILING, S.AUTH_EXPIRED}, S.PAUSED),
        ("resume", {S.PAUSED, S.AUTH_EXPIRED, S.FAILING}, S.ACTIVE),
        ("expire_authorisation", {S.ACTIVE, S.FAILING}, S.AUTH_EXPIRED),
        ("test", {S.ACTIVE, S.FAILING}, S.ACTIVE),
        ("change", {S.AUTHORISING, S.ACTIVE, S.PAUSED, S.AUTH_EXPIRED, S.FAILING}, S.ACTIVE),
        ("authorise", {S.AUTHORISING, S.ACTIVE, S.AUTH_EXPIRED, S.FAILING}, S.ACTIVE),
    ],
)
"""`test` and `change` stand here for their guard: they leave the state as it is."""
SENDING = (S.ACTIVE, S.FAILING)
"""States in which a worker takes up the connection's lanes."""
COLLECTING = (S.ACTIVE, S.FAILING, S.PAUSED, S.AUTH_EXPIRED)
"""States in which events still line up: a pause loses nothing."""


class PoisonPolicy(StrEnum):
    """What a delivery that was given up does to the ones behind it."""

    BLOCK = "block"
    SKIP_AFTER_N = "skip_after_n"


class LaneState(StrEnum):
    READY = "ready"
    BLOCKED = "blocked"


class DeliveryState(StrEnum):
    """The vocabulary's `delivery_status`."""

    QUEUED = "queued"
    SENDING = "sending"
    DELIVERED = "delivered"
    RETRYING = "retrying"
    DEAD_LETTER = "dead_letter"
    REPLAYED = "replayed"
    SKIPPED_BY_POLICY = "skipped_by_policy"


WAITING = (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.RETRYING)
"""States in which a delivery counts as pending in its lane."""
SETTLED = (
    DeliveryState.DELIVERED,
    DeliveryState.DEAD_LETTER,
    DeliveryState.SKIPPED_BY_POLICY,
)
"""States from which an event can be sent again."""
_WAITS = text("state IN ('queued', 'sending', 'retrying')")
_FIRST = text("replay_of_id IS NULL")
_DUE = text("pending > 0 AND state = 'ready'")


class Connection(Entity):
    """A supplier's system as it is reached through one connector."""

    __tablename__ = "connection"
    __table_args__ = (
        UniqueConstraint("organisation_id", "name"),
        one_of("state", ConnectionState),
        one_of("poison_policy", PoisonPolicy),
        CheckConstraint("max_attempts BETWEEN 1 AND 50", name="max_attempts"),
        Index(
            "ix_connection_failing_since",
            "failing_since",
            postgresql_where=text("failing_since IS NOT NULL"),
        ),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    """The supplier."""
    connector: Mapped[str]
    """The name of the connector's folder."""
    name: Mapped[str]
    state: Mapped[ConnectionState]
    state_reason: Mapped[str | None]
    """Why it does not send, in words for the supplier."""
    config: Mapped[dict[str, Any]]
    """The values of the manifest's settings: `endpoint`, `token_url`, `client_id`, `scope` …"""
    event_types: Mapped[list[str]]
    """The subscription: wire names, whole families (`pilot.*`), or `*`."""
    poison_policy: Mapped[PoisonPolicy] = mapped_column(default=PoisonPolicy.BLOCK)
    max_attempts: Mapped[int]
    paused_until: Mapped[datetime | None]
    """Until when the receiving system asked to be left alone."""
    consecutive_failures: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[datetime | None]
    """When the first of the failures in a row was; None while it fares well."""
    warned_percent: Mapped[int | None]
    """How much of the time until it is paused had passed when its people were last warned."""
    newest_only: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Where several events of one type wait in a stream, only the newest is sent; the others are
    noted as skipped."""
    mapping_version: Mapped[int] = mapped_column(default=0, server_default="0")
    """The newest version of its own mapping; 0 where it has none but the connector's."""
    made_for_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    """For whom it was made, where that supplier has become part of another since."""
    inbound_since: Mapped[datetime | None]
    """Since when signed messages from their system are taken; None where none are."""
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}

    @property
    def keyed_by_id(self) -> int:
        """The organisation by which its records are known in their system, and its secrets sealed:
        whoever it was made for, for good. Else a merger would write every record once more."""
        return self.made_for_id or self.organisation_id


class Lane(Entity):
    """One stream of one connection: its deliveries go out one at a time, in order."""

    __tablename__ = "lane"
    __table_args__ = (
        UniqueConstraint("connection_id", "stream"),
        one_of("state", LaneState),
        CheckConstraint("pending >= 0", name="pending"),
        Index("ix_lane_due", "connection_id", "next_at", postgresql_where=_DUE),
        Index("ix_lane_held", "organisation_id", postgresql_where=text("owner IS NOT NULL")),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    stream: Mapped[str]
    state: Mapped[LaneState]
    pending: Mapped[int]
    """How many deliveries wait. Changed under this row's lock, with the deliveries themselves."""
    next_at: Mapped[datetime]
    """When the lane may next be claimed; while it is held, when its lease ends."""
    owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0)
    """Grows with every claim: a change by an older fence is refused."""
    blocked_by_id: Mapped[int | None] = mapped_column(ForeignKey("delivery.id"))
    """The dead letter that stopped the lane."""


class Delivery(Entity):
    """One event on its way over one connection."""

    __tablename__ = "delivery"
    __table_args__ = (
        one_of("state", DeliveryState),
        Index(
            "uq_delivery_once", "connection_id", "event_id", unique=True, postgresql_where=_FIRST
        ),
        Index("uq_delivery_replaying", "replay_of_id", unique=True, postgresql_where=_WAITS),
        Index("ix_delivery_head", "connection_id", "stream", "turn", "id", postgresql_where=_WAITS),
        Index("ix_delivery_connection_id_id", "connection_id", text("id DESC")),
        Index("ix_delivery_organisation_id_id", "organisation_id", text("id DESC")),
        Index("ix_delivery_connection_id_external_key", "connection_id", "external_key"),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    event_type: Mapped[str]
    stream: Mapped[str]
    seq: Mapped[int]
    """The event's number in its stream."""
    turn: Mapped[int]
    """The place in the lane, before `id`: the event's seq, or for a replay at the tail the seq of
    the newest event then in the lane."""
    external_key: Mapped[str]
    """The same for every retry and replay: what the receiving system tells doubles by."""
    state: Mapped[DeliveryState]
    attempts: Mapped[int] = mapped_column(default=0)
    refusals: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """So many of the last tries, one after another, were refused with a token fresh from their
    server."""
    next_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    """The class of the last outcome."""
    detail: Mapped[str | None]
    """The last outcome in words."""
    remote_id: Mapped[str | None]
    settled_at: Mapped[datetime | None]
    replay_of_id: Mapped[int | None] = mapped_column(ForeignKey("delivery.id"), index=True)
    """The delivery that was first made for the event, however often it is replayed."""


class RemoteRecord(Entity):
    """A record of ours in a supplier's system, as we last wrote or saw it. No policy shows it."""

    __tablename__ = "remote_record"
    __table_args__ = (
        UniqueConstraint("connection_id", "record_key"),
        Index("ix_remote_record_connection_id_remote_id", "connection_id", "remote_id"),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    record_key: Mapped[str]
    """What their record is known by: the key of an event, or of a stream."""
    stream: Mapped[str]
    remote_id: Mapped[str | None]
    etag: Mapped[str | None]
    revision: Mapped[int | None]
    """The newest event of the stream that it holds."""
    digest: Mapped[str | None]
    """SHA-256 of the fields last written, as hexadecimal digits."""
    seen_at: Mapped[datetime]


class Attempt(Entity):
    """One request to the receiving system and what came back. Rows are only ever added, to a part
    for each month (by `created_at`) that is dropped whole: see `hub.months`."""

    __tablename__ = "attempt"
    __table_args__ = (
        Index("ix_attempt_delivery_id_id", "delivery_id", text("id DESC")),
        Index("ix_attempt_organisation_id_id", "organisation_id", text("id DESC")),
    )

    id: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, server_default=text("nextval('attempt_number')")
    )
    """From a sequence: before PostgreSQL 17 a table with parts has no identity."""
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"))
    number: Mapped[int]
    """The delivery's attempt it belongs to; a refreshed token makes two requests of one attempt."""
    started_at: Mapped[datetime]
    ms: Mapped[int]
    status: Mapped[int | None]
    """The HTTP status; None where no answer came."""
    outcome: Mapped[str]
    detail: Mapped[str]
    request_headers: Mapped[dict[str, Any]]
    """With credentials and signatures struck out."""
    request_excerpt: Mapped[str]
    response_excerpt: Mapped[str]
    request_id: Mapped[str]
    """Sent as `x-request-id`, for both sides to quote."""
    mapping_version: Mapped[int | None]
    """The connection's mapping that made it; 0 for the connector's own. None where none was used:
    of a try that was interrupted, and before mappings had versions."""
