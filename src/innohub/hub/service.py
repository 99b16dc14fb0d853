"""What suppliers do with their connections. Reading goes by `policy.visible`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, update

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict
from innohub.hub.access import credentials
from innohub.hub.access.authorisation import CredentialKind
from innohub.hub.commands import (
    ChangeConnection,
    CreateConnection,
    PauseConnection,
    ResumeConnection,
    TestConnection,
)
from innohub.hub.configuration import (
    check_newest_only,
    check_subscription,
    checked_config,
    checked_secrets,
)
from innohub.hub.connections import ask_anew, consent_outlives, own_connection, set_going
from innohub.hub.connectors.grants import AuthorizationCode
from innohub.hub.delivery.fan_out import line_up
from innohub.hub.delivery.replays import Replayed, replay_deliveries, replay_delivery
from innohub.hub.delivery.signing import new_secret
from innohub.hub.events import ConnectorTested, stream_of
from innohub.hub.inbound.opening import Opened, close_inbound, open_inbound
from innohub.hub.models import (
    CONNECTION,
    Connection,
    ConnectionState,
    Delivery,
    Lane,
    LaneState,
    PoisonPolicy,
)
from innohub.hub.reconcile.service import reconcile_connection
from innohub.hub.wiring import Hub
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.outbox.service import record

__all__ = [
    "Created",
    "Opened",
    "Replayed",
    "change_connection",
    "close_inbound",
    "create_connection",
    "open_inbound",
    "pause_connection",
    "reconcile_connection",
    "replay_deliveries",
    "replay_delivery",
    "resume_connection",
    "test_connection",
]

NOBODY_YET = "Nobody has let the hub in yet."


@dataclass(frozen=True)
class Created:
    """A new connection with its signing secret, which is shown this once."""

    connection: Connection
    signing_secret: str = field(repr=False)


async def create_connection(
    work: UnitOfWork, actor: Actor, command: CreateConnection, *, hub: Hub
) -> Created:
    """Connect a system of the actor's supplier.

    Raises Denied, NotFound for an unknown connector, Invalid for settings, secrets or event types
    that do not fit, Conflict where the supplier has a connection of this name.
    """
    supplier_id = command.supplier_id or actor.only_organisation(Permission.CONNECTION_MANAGE)
    actor.require(Permission.CONNECTION_MANAGE, supplier_id)
    manifest = hub.registry.get(command.connector).manifest
    check_subscription(command.event_types)
    check_newest_only(manifest, command.newest_only)
    given = checked_secrets(manifest, command.secrets, all_of_them=True)
    by_consent = isinstance(manifest.authorise, AuthorizationCode)
    connection = Connection(
        organisation_id=supplier_id,
        connector=command.connector,
        name=command.name,
        state=ConnectionState.AUTHORISING if by_consent else ConnectionState.ACTIVE,
        state_reason=NOBODY_YET if by_consent else None,
        config=checked_config(manifest, command.config, allow_loopback=hub.allow_loopback),
        event_types=command.event_types,
        poison_policy=command.poison_policy,
        max_attempts=command.max_attempts,
        newest_only=command.newest_only,
        created_at=work.now,
    )
    work.session.add(connection)
    await work.session.flush()
    signing_secret = new_secret()
    sealed: dict[str, str | None] = {**given, CredentialKind.ACCESS_TOKEN: None}
    sealed[CredentialKind.SIGNING_SECRET] = signing_secret
    await _seal(work, hub, connection, sealed)
    facts = {"name": connection.name, "connector": connection.connector}
    await record(
        work,
        "connection:create",
        connection,
        detail=facts | _told(connection),
    )
    return Created(connection, signing_secret)


async def change_connection(
    work: UnitOfWork, actor: Actor, command: ChangeConnection, *, hub: Hub
) -> Connection:
    """Change what is named; a change of settings or secrets drops the cached access token. Consent
    outlives it where the system is asked in the same words as before.

    Raises NotFound, Denied, WrongState, Invalid, Conflict on a stale revision.
    """
    connection = await own_connection(work, actor, command.connection_id)
    CONNECTION.after("change", connection.state)
    if command.revision is not None and command.revision != connection.revision:
        raise Conflict("Somebody else changed this a moment ago. Load it again.")
    manifest = hub.registry.get(connection.connector).manifest
    given = checked_secrets(manifest, command.secrets, all_of_them=False)
    changed: dict[str, Any] = command.model_dump(
        exclude_none=True,
        include={"name", "event_types", "poison_policy", "max_attempts", "newest_only"},
    )
    check_newest_only(manifest, bool(command.newest_only))
    if command.event_types is not None:
        check_subscription(command.event_types)
    if command.config:
        merged = connection.config | command.config
        changed["config"] = checked_config(manifest, merged, allow_loopback=hub.allow_loopback)
    void = bool(given or "config" in changed) and not consent_outlives(
        manifest.authorise, connection.config, changed.get("config", connection.config)
    )
    for name, value in changed.items():
        setattr(connection, name, value)
    await _seal(work, hub, connection, given)
    if void:
        await _seal(work, hub, connection, {CredentialKind.ACCESS_TOKEN: None})
        ask_anew(manifest.authorise, connection)
    if command.poison_policy is PoisonPolicy.SKIP_AFTER_N:
        await _unblock(work, connection.id)
    facts = changed | {name: value for name, value in _told(connection).items() if name in changed}
    await record(work, "connection:change", connection, detail=facts | {"secrets": sorted(given)})
    return connection


async def pause_connection(work: UnitOfWork, actor: Actor, command: PauseConnection) -> Connection:
    """Stop sending; events go on lining up. Raises NotFound, Denied, WrongState."""
    connection = await own_connection(work, actor, command.connection_id)
    connection.state = CONNECTION.after("pause", connection.state)
    connection.state_reason = command.reason
    await record(work, "connection:pause", connection, reason=command.reason)
    return connection


async def resume_connection(
    work: UnitOfWork, actor: Actor, command: ResumeConnection
) -> Connection:
    """Send again, what waited first. Raises NotFound, Denied, WrongState."""
    connection = await own_connection(work, actor, command.connection_id)
    connection.state = CONNECTION.after("resume", connection.state)
    await set_going(work, connection)
    await record(work, "connection:resume", connection)
    return connection


async def test_connection(work: UnitOfWork, actor: Actor, command: TestConnection) -> Delivery:
    """Send a sample through the connection's own lane. Its delivery, still queued.

    Raises NotFound, Denied, WrongState where the connection does not send.
    """
    connection = await own_connection(work, actor, command.connection_id)
    CONNECTION.after("test", connection.state)
    sample = ConnectorTested(
        stream=stream_of(connection.id),
        supplier_id=connection.organisation_id,
        connection_id=connection.id,
    )
    await record(work, "connection:test", connection, event=sample)
    event = work.events[-1]
    await line_up(work, event)
    return (await work.session.scalars(select(Delivery).where(Delivery.event_id == event.id))).one()


def _told(connection: Connection) -> dict[str, Any]:
    """What the trail says of the settings: an address without its query, which may hold a key."""
    config = {name: value.partition("?")[0] for name, value in connection.config.items()}
    return {"config": config, "event_types": connection.event_types}


async def _seal(
    work: UnitOfWork, hub: Hub, connection: Connection, values: Mapping[str, str | None]
) -> None:
    for kind, secret in values.items():
        await credentials.store(
            work.session, hub.vault, connection, CredentialKind(kind), secret, now=work.now
        )


async def _unblock(work: UnitOfWork, connection_id: int) -> None:
    await work.session.flush()
    blocked = update(Lane).where(
        Lane.connection_id == connection_id, Lane.state == LaneState.BLOCKED
    )
    freed = blocked.values(state=LaneState.READY, blocked_by_id=None, next_at=work.now)
    await work.session.execute(freed.execution_options(synchronize_session=False))
