"""Stages for the mutations of a supplier's connections and deliveries."""

from datetime import timedelta
from itertools import count
from typing import Any

from innohub.db import identifiers
from innohub.hub.access.authorisation import Credential, CredentialKind
from innohub.hub.models import Connection, ConnectionState, Delivery, DeliveryState, Lane, LaneState
from innohub.outbox.models import Event, EventStream
from tests.graphql.matrix.listings import Stage
from tests.graphql.matrix.world import NOW, World, gid

_numbers = count(1)
SETTINGS = {
    "endpoint": "https://crm.supplier.example/events",
    "token_url": "https://crm.supplier.example/token",
    "client_id": "innohub",
}
FURTHER_SETTINGS = {"authorise_url": "https://crm.supplier.example/authorise"}
NEW: dict[str, Any] = {
    "connector": "webhook", "eventTypes": ["pilot.*"],
    "config": [{"name": name, "value": value} for name, value in SETTINGS.items()],
    "secrets": [{"name": "client_secret", "value": "s3cr3t"}],
}  # fmt: skip


async def a_connection(world: World, state: ConnectionState, **given: Any) -> Connection:
    fields: dict[str, Any] = {"connector": "webhook", "config": SETTINGS} | given
    connection = Connection(
        organisation_id=world.everybody.organisation("supplier").id, state=state,
        name=f"System {next(_numbers)}", event_types=["pilot.*"], max_attempts=5, created_at=NOW,
        **fields,
    )  # fmt: skip
    await world.add(connection)
    return connection


def on(state: ConnectionState, **fields: Any) -> Stage:
    """The mutation's input names a connection in this state."""

    async def stage(world: World) -> dict[str, Any]:
        return {"connectionId": gid("Integration", await a_connection(world, state)), **fields}

    return stage


async def to_authorise(world: World) -> dict[str, Any]:
    """Over a connector that asks for consent."""
    config = SETTINGS | FURTHER_SETTINGS
    connection = await a_connection(
        world, ConnectionState.AUTHORISING, connector="consented", config=config
    )
    return {"connectionId": gid("Integration", connection)}


async def to_create_for_oneself(world: World) -> dict[str, Any]:
    return NEW | {"name": f"System {next(_numbers)}"}


async def to_create(world: World) -> dict[str, Any]:
    supplier = world.everybody.organisation("supplier")
    return await to_create_for_oneself(world) | {"supplierId": gid("Supplier", supplier)}


async def a_delivery(world: World) -> Delivery:
    """Something that was delivered."""
    connection = await a_connection(world, ConnectionState.ACTIVE)
    tenant = {"organisation_id": connection.organisation_id, "connection_id": connection.id}
    stream = f"pilot/10{connection.id}"
    event = Event(
        stream=stream, seq=1, type="pilot.accepted", schema_version=1, payload={},
        supplier_id=connection.organisation_id, created_at=NOW,
    )  # fmt: skip
    await world.add(EventStream(name=stream, last_seq=1), event)
    delivery = Delivery(
        **tenant, event_id=event.id, event_type=event.type, stream=stream, seq=1, turn=1,
        external_key="k", state=DeliveryState.DELIVERED, created_at=NOW,
    )  # fmt: skip
    lane = Lane(
        **tenant, stream=stream, state=LaneState.READY, pending=0, next_at=NOW, created_at=NOW
    )
    await world.add(delivery, lane)
    return delivery


async def with_an_old_secret(world: World) -> dict[str, Any]:
    connection = await a_connection(world, ConnectionState.ACTIVE)
    old = Credential(
        organisation_id=connection.organisation_id, connection_id=connection.id,
        kind=CredentialKind.OLD_SIGNING_SECRET, ciphertext=b"sealed", key_id="k",
        expires_at=NOW + timedelta(hours=24), created_at=NOW,
    )  # fmt: skip
    await world.add(old)
    return {"connectionId": gid("Integration", connection)}


async def to_replay(world: World) -> dict[str, Any]:
    return {"deliveryId": gid("Delivery", await a_delivery(world))}


async def to_replay_several(world: World) -> dict[str, Any]:
    delivery = await a_delivery(world)
    connection = identifiers.encode("Integration", delivery.connection_id)
    return {"connectionId": connection, "states": ["DELIVERED"]}


async def to_close_inbound(world: World) -> dict[str, Any]:
    connection = await a_connection(world, ConnectionState.ACTIVE, inbound_since=NOW)
    return {"connectionId": gid("Integration", connection)}


async def to_reconcile(world: World) -> dict[str, Any]:
    """Over a connector that can tell what their system holds."""
    config = {"endpoint": "https://records.supplier.example/records"}
    connection = await a_connection(world, ConnectionState.ACTIVE, connector="kinto", config=config)
    return {"connectionId": gid("Integration", connection)}


S = ConnectionState
STAGES: dict[str, Stage] = {
    "createIntegration": to_create,
    "createIntegration without a supplier": to_create_for_oneself,
    "changeIntegration": on(S.ACTIVE, maxAttempts=7),
    "authoriseIntegration": to_authorise,
    "pauseIntegration": on(S.ACTIVE),
    "resumeIntegration": on(S.PAUSED),
    "testIntegration": on(S.ACTIVE),
    "mapIntegration": on(
        S.ACTIVE, version=0, fields=[{"name": "title", "expression": "event.payload.pilot_title"}]
    ),
    "rotateSigningSecret": on(S.ACTIVE, overlapHours=1),
    "endOldSecret": with_an_old_secret,
    "restoreMapping": on(S.PAUSED, version=0, earlier=0),
    "reconcileIntegration": to_reconcile,
    "openInbound": on(S.ACTIVE),
    "closeInbound": to_close_inbound,
    "replayDelivery": to_replay,
    "replayDeliveries": to_replay_several,
}
