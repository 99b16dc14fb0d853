"""What suppliers do with their connections. Reading goes by `policy.visible`."""

import secrets
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, NotFound
from innohub.hub import credentials, policy
from innohub.hub.authorisation import Credential, CredentialKind
from innohub.hub.commands import (
    ChangeConnection,
    CreateConnection,
    PauseConnection,
    ResumeConnection,
    TestConnection,
)
from innohub.hub.configuration import check_subscription, checked_config, checked_secrets
from innohub.hub.events import ConnectorTested, stream_of
from innohub.hub.fan_out import line_up
from innohub.hub.models import (
    CONNECTION,
    Connection,
    ConnectionState,
    Delivery,
    Lane,
    LaneState,
    PoisonPolicy,
)
from innohub.hub.replays import replay_delivery
from innohub.hub.wiring import Hub
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.outbox.service import record

__all__ = [
    "Created",
    "change_connection",
    "create_connection",
    "pause_connection",
    "replay_delivery",
    "resume_connection",
    "test_connection",
]

SIGNING_SECRET_BYTES = 32


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
    given = checked_secrets(manifest, command.secrets, all_of_them=True)
    connection = Connection(
        organisation_id=supplier_id,
        connector=command.connector,
        name=command.name,
        state=ConnectionState.ACTIVE,
        config=checked_config(manifest, command.config, allow_loopback=hub.allow_loopback),
        event_types=command.event_types,
        poison_policy=command.poison_policy,
        max_attempts=command.max_attempts,
        created_at=work.now,
    )
    work.session.add(connection)
    await work.session.flush()
    signing_secret = "whsec_" + b64encode(secrets.token_bytes(SIGNING_SECRET_BYTES)).decode()
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
    """Change what is named; a change of settings or secrets drops the cached access token.

    Raises NotFound, Denied, WrongState, Invalid, Conflict on a stale revision.
    """
    connection = await _own(work, actor, command.connection_id)
    CONNECTION.after("change", connection.state)
    if command.revision is not None and command.revision != connection.revision:
        raise Conflict("Somebody else changed this a moment ago. Load it again.")
    manifest = hub.registry.get(connection.connector).manifest
    given = checked_secrets(manifest, command.secrets, all_of_them=False)
    changed: dict[str, Any] = command.model_dump(
        exclude_none=True, include={"name", "event_types", "poison_policy", "max_attempts"}
    )
    if command.event_types is not None:
        check_subscription(command.event_types)
    if command.config:
        merged = connection.config | command.config
        changed["config"] = checked_config(manifest, merged, allow_loopback=hub.allow_loopback)
    for name, value in changed.items():
        setattr(connection, name, value)
    if given or "config" in changed:
        await _seal(work, hub, connection, {**given, CredentialKind.ACCESS_TOKEN: None})
    if command.poison_policy is PoisonPolicy.SKIP_AFTER_N:
        await _unblock(work, connection.id)
    facts = changed | {name: value for name, value in _told(connection).items() if name in changed}
    await record(work, "connection:change", connection, detail=facts | {"secrets": sorted(given)})
    return connection


async def pause_connection(work: UnitOfWork, actor: Actor, command: PauseConnection) -> Connection:
    """Stop sending; events go on lining up. Raises NotFound, Denied, WrongState."""
    connection = await _own(work, actor, command.connection_id)
    connection.state = CONNECTION.after("pause", connection.state)
    connection.state_reason = command.reason
    await record(work, "connection:pause", connection, reason=command.reason)
    return connection


async def resume_connection(
    work: UnitOfWork, actor: Actor, command: ResumeConnection
) -> Connection:
    """Send again, what waited first. Raises NotFound, Denied, WrongState."""
    connection = await _own(work, actor, command.connection_id)
    connection.state = CONNECTION.after("resume", connection.state)
    connection.state_reason = None
    connection.paused_until = None
    connection.consecutive_failures = 0
    await work.session.flush()
    await _run(
        work.session,
        update(Credential).where(Credential.connection_id == connection.id).values(retry_at=None),
    )
    waiting = update(Lane).where(Lane.connection_id == connection.id, Lane.owner.is_(None))
    await _run(work.session, waiting.where(Lane.pending > 0).values(next_at=work.now))
    await record(work, "connection:resume", connection)
    return connection


async def test_connection(work: UnitOfWork, actor: Actor, command: TestConnection) -> Delivery:
    """Send a sample through the connection's own lane. Its delivery, still queued.

    Raises NotFound, Denied, WrongState where the connection does not send.
    """
    connection = await _own(work, actor, command.connection_id)
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


async def _own(work: UnitOfWork, actor: Actor, connection_id: int) -> Connection:
    found = select(Connection).where(
        Connection.id == connection_id, policy.visible(Connection, Viewer(actor))
    )
    # Not the key: deliveries that line up meanwhile refer to this row and need not wait.
    connection = (await work.session.scalars(found.with_for_update(key_share=True))).one_or_none()
    if connection is None:
        raise NotFound("There is no such connection.", field="connection_id")
    actor.require(Permission.CONNECTION_MANAGE, connection.organisation_id)
    return connection


async def _seal(
    work: UnitOfWork, hub: Hub, connection: Connection, values: dict[str, str | None]
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
    await _run(
        work.session,
        blocked.values(state=LaneState.READY, blocked_by_id=None, next_at=work.now),
    )


async def _run(session: AsyncSession, statement: Any) -> None:
    await session.execute(statement.execution_options(synchronize_session=False))
