"""A supplier's connections to its own systems, and every attempt to deliver."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from sqlalchemy import func, select
from sqlalchemy.orm import aliased
from strawberry.scalars import JSON

from innohub.graphql.read.declare import (
    Connection,
    Node,
    Row,
    among,
    column,
    either,
    node,
    oldest,
    one,
    paged,
    where,
)
from innohub.graphql.types.events import Subject, subject_of
from innohub.graphql.types.mappings import MappingVersion, newest_of
from innohub.graphql.types.organisations import Supplier
from innohub.graphql.types.reconciliations import Reconciliation
from innohub.hub import models as rows
from innohub.hub import policy
from innohub.hub.access.authorisation import Credential, CredentialKind
from innohub.hub.delivery.signing import OURS, THEIRS
from innohub.hub.inbound.models import InboundPoll
from innohub.hub.models import ConnectionState, DeliveryState
from innohub.outbox.models import Event as EventRow

strawberry.enum(ConnectionState, name="IntegrationState")
strawberry.enum(DeliveryState)


@node(rows.Attempt, policy.visible, name="Attempt")
class Attempt(Node):
    """One request to the receiving system and what came back; secrets are struck out."""

    number: int = column(rows.Attempt.number)
    started_at: datetime = column(rows.Attempt.started_at)
    ms: int = column(rows.Attempt.ms)
    status: int | None = column(rows.Attempt.status)
    outcome: str = column(rows.Attempt.outcome)
    detail: str = column(rows.Attempt.detail)
    request_headers: JSON = column(rows.Attempt.request_headers)
    request_excerpt: str = column(rows.Attempt.request_excerpt)
    response_excerpt: str = column(rows.Attempt.response_excerpt)
    request_id: str = column(rows.Attempt.request_id)
    mapping_version: int | None = column(
        rows.Attempt.mapping_version,
        "The version of the connection's mapping it was made by; 0 for the connector's own.",
    )


@node(rows.Delivery, policy.visible, name="Delivery")
class Delivery(Node):
    """One event on its way over one connection."""

    number: int = column(rows.Delivery.id, "As in the page's address.")
    event_type: str = column(rows.Delivery.event_type)
    stream: str = column(rows.Delivery.stream)
    seq: int = column(rows.Delivery.seq)
    external_key: str = column(rows.Delivery.external_key)
    state: DeliveryState = column(rows.Delivery.state)
    attempt_count: int = column(rows.Delivery.attempts)
    next_at: datetime | None = column(rows.Delivery.next_at)
    outcome: str | None = column(rows.Delivery.outcome)
    detail: str | None = column(rows.Delivery.detail)
    queued_at: datetime = column(rows.Delivery.created_at)
    settled_at: datetime | None = column(rows.Delivery.settled_at)
    is_replay: bool = column(lambda row: row.replay_of_id.is_not(None))
    payload: JSON = column(lambda row: _payload(row))
    integration: (
        Annotated["Integration", strawberry.lazy("innohub.graphql.types.integrations")] | None
    ) = one(lambda row, other: other.id == row.connection_id)
    subject: Subject | None = either(subject_of, "What the event happened to, as it is now.")
    attempts: Connection[Attempt] = paged(
        lambda row, attempt: attempt.delivery_id == row.id,
        order=oldest,
    )


def _payload(row: Row) -> Any:
    event = aliased(EventRow)
    return (
        select(event.payload)
        .where(event.id == row.event_id)
        .correlate_except(event)
        .scalar_subquery()
    )


@strawberry.input
class DeliveryFilter:
    state: list[DeliveryState] | None = where(lambda row, value: among(row.state, value))
    event_type: list[str] | None = where(lambda row, value: among(row.event_type, value))
    stream: str | None = where(lambda row, value: row.stream == value)


@node(rows.Connection, policy.visible, name="Integration")
class Integration(Node):
    """A supplier's system as it is reached through one connector."""

    number: int = column(rows.Connection.id, "As in the page's address.")
    name: str = column(rows.Connection.name)
    connector: str = column(rows.Connection.connector)
    state: ConnectionState = column(rows.Connection.state)
    state_reason: str | None = column(rows.Connection.state_reason)
    config: JSON = column(rows.Connection.config, "Addresses and ids; never a secret.")
    event_types: list[str] = column(rows.Connection.event_types)
    newest_only: bool = column(
        rows.Connection.newest_only,
        "Whether of several waiting events of one type in a stream only the newest is sent.",
    )
    failing_since: datetime | None = column(
        rows.Connection.failing_since, "When the first of the failures in a row was."
    )
    created_at: datetime = column(rows.Connection.created_at)
    revision: int = column(rows.Connection.revision)
    inbound_since: datetime | None = column(
        rows.Connection.inbound_since,
        "Since when signed messages from the system are taken; null where none are.",
    )
    asked_until: datetime | None = column(
        lambda row: _poll(row, "since"),
        "Up to when the system's own changes were asked for and brought back; null where the hub "
        "does not ask.",
    )
    asks_again_at: datetime | None = column(
        lambda row: _poll(row, "next_at"), "When the system is next asked what changed there."
    )
    asking_trouble: str | None = column(
        lambda row: _poll(row, "detail"), "Why the last round of asking failed; null where it went."
    )
    waiting: int = column(lambda row: _count(row, rows.WAITING), "Deliveries still to go out.")
    waiting_since: datetime | None = column(
        lambda row: _oldest(row, rows.WAITING), "How far it is behind: since when the oldest waits."
    )
    failures_in_a_row: int = column(
        rows.Connection.consecutive_failures, "0 where the last thing sent was taken."
    )
    paused_until: datetime | None = column(
        rows.Connection.paused_until, "Until when the system asked to be left alone, or was."
    )
    delivered: int = column(lambda row: _count(row, [rows.DeliveryState.DELIVERED]))
    dead: int = column(
        lambda row: _count(row, [rows.DeliveryState.DEAD_LETTER]), "Deliveries given up."
    )
    old_secret_until: datetime | None = column(
        lambda row: _counts_until(row, OURS.old),
        "Until when requests are signed with the signing secret before the newest as well.",
    )
    old_inbound_secret_until: datetime | None = column(
        lambda row: _counts_until(row, THEIRS.old),
        "Until when messages signed with the secret before the newest are taken as well.",
    )
    supplier: Supplier | None = one(lambda row, other: other.id == row.organisation_id)
    mapping_version: int = column(
        rows.Connection.mapping_version, "0 where the connector's own mapping counts."
    )
    mapping: MappingVersion | None = one(
        newest_of, "Its own fields; null where the connector's mapping counts as it comes."
    )
    mappings: Connection[MappingVersion] = paged(
        lambda row, mapping: mapping.connection_id == row.id,
        "Every version of its own fields, the newest first.",
    )
    deliveries: Connection[Delivery] = paged(
        lambda row, delivery: delivery.connection_id == row.id, filter=DeliveryFilter
    )
    reconciliations: Connection[Reconciliation] = paged(
        lambda row, run: run.connection_id == row.id,
        "Comparisons of both sides, the newest first.",
    )


def _counts_until(row: Row, kind: CredentialKind) -> Any:
    """No more than a time: credentials themselves have no policy."""
    old = aliased(Credential)
    return (
        select(old.expires_at)
        .where(
            old.connection_id == row.id,
            old.kind == kind,
            old.ciphertext.is_not(None),
        )
        .correlate_except(old)
        .scalar_subquery()
    )


def _poll(row: Row, name: str) -> Any:
    poll = aliased(InboundPoll)
    return (
        select(getattr(poll, name))
        .where(poll.connection_id == row.id)
        .correlate_except(poll)
        .scalar_subquery()
    )


def _oldest(row: Row, states: Any) -> Any:
    delivery = aliased(rows.Delivery)
    return (
        select(func.min(delivery.created_at))
        .where(delivery.connection_id == row.id, delivery.state.in_(list(states)))
        .correlate_except(delivery)
        .scalar_subquery()
    )


def _count(row: Row, states: Any) -> Any:
    delivery = aliased(rows.Delivery)
    return (
        select(func.count())
        .where(delivery.connection_id == row.id, delivery.state.in_(list(states)))
        .correlate_except(delivery)
        .scalar_subquery()
    )
