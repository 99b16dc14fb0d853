"""What suppliers may do with their connections, and what nobody else may see."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from innohub.db.identifiers import encode
from innohub.db.unit_of_work import Database, UnitOfWork
from innohub.errors import Conflict, Denied, InnoHubError, Invalid, NotFound, WrongState
from innohub.hub import policy, service
from innohub.hub.access.authorisation import Credential, CredentialKind
from innohub.hub.commands import (
    ChangeConnection,
    CreateConnection,
    PauseConnection,
    ReplayDelivery,
    ResumeConnection,
    TestConnection,
)
from innohub.hub.models import (
    Attempt,
    Connection,
    ConnectionState,
    Delivery,
    DeliveryState,
    Lane,
    LaneState,
)
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub
from innohub.identity.actor import STRANGER, Actor
from innohub.identity.models import Role
from innohub.identity.permissions import Scope
from innohub.identity.viewer import Viewer
from innohub.outbox.models import AuditEntry
from tests.factories import a_supplier, client_of, somebody, the_force
from tests.hub.scene import (
    CLIENT_SECRET,
    Receiving,
    Supplied,
    a_connection,
    a_courier,
    deliveries,
    happen,
    the_connection,
)

URL = "http://127.0.0.1:9"
CONFIG = {"endpoint": f"{URL}/events", "token_url": f"{URL}/token", "client_id": "innohub"}
GIVEN: dict[str, Any] = {
    "connector": "webhook",
    "name": "Our CRM",
    "event_types": ["scene.*"],
    "config": CONFIG,
    "secrets": {"client_secret": "hunter2"},
}

Do = Callable[[UnitOfWork, Actor], Awaitable[Any]]


async def act(database: Database, actor: Actor, do: Do) -> Any:
    async with database.unit_of_work(actor.signature()) as work:
        return await do(work, actor)


@pytest.fixture
def operations(hub: Hub, supplied: Supplied) -> dict[str, Do]:
    """Each operation on the fixture's connection; its delivery 1 is dead."""
    id = supplied.connection.id

    def change(work: UnitOfWork, actor: Actor) -> Awaitable[Any]:
        command = ChangeConnection(connection_id=id, name="Other")
        return service.change_connection(work, actor, command, hub=hub)

    return {
        "change": change,
        "pause": lambda work, actor: service.pause_connection(
            work, actor, PauseConnection(connection_id=id)
        ),
        "resume": lambda work, actor: service.resume_connection(
            work, actor, ResumeConnection(connection_id=id)
        ),
        "test": lambda work, actor: service.test_connection(
            work, actor, TestConnection(connection_id=id)
        ),
        "replay": lambda work, actor: service.replay_delivery(
            work, actor, ReplayDelivery(delivery_id=1)
        ),
    }


async def everything(database: Database) -> list[Any]:
    """All rows of the hub and the trail, to see that nothing changed."""
    async with database.session() as session:
        found: list[Any] = []
        for model in (Connection, Credential, Lane, Delivery, Attempt, AuditEntry):
            found += map(tuple, await session.execute(select(model.__table__)))
        return found


@pytest.mark.parametrize("operation", ["change", "pause", "resume", "test", "replay"])
async def test_only_the_suppliers_administrator_may_touch_a_connection(
    database: Database,
    hub: Hub,
    outbound: Outbound,
    receiving: Receiving,
    supplied: Supplied,
    operations: dict[str, Do],
    operation: str,
) -> None:
    receiving.inbox.fail_first = 1
    await happen(database, supplied.supplier)
    await a_courier(database, hub, outbound).drain()
    other = await a_supplier(database)
    force = await the_force(database)
    own = supplied.supplier
    expected: list[tuple[Actor, type[InnoHubError]]] = [
        (STRANGER, NotFound),
        ((await somebody(database, other, Role.SUPPLIER_ADMIN)).actor, NotFound),
        ((await somebody(database, force, Role.FORCE_INNOVATION_LEAD)).actor, NotFound),
        (client_of(own, Scope.LISTINGS_WRITE), NotFound),
        ((await somebody(database, own, Role.SUPPLIER_EDITOR)).actor, Denied),
        ((await somebody(database, own, Role.SUPPLIER_VIEWER)).actor, Denied),
        (client_of(own, Scope.EVENTS_SUBSCRIBE), Denied),
    ]
    before = await everything(database)
    for actor, error in expected:
        with pytest.raises(error):
            await act(database, actor, operations[operation])
    assert await everything(database) == before

    if operation == "resume":
        await act(database, supplied.admin.actor, operations["pause"])
    await act(database, supplied.admin.actor, operations[operation])
    assert await everything(database) != before


async def test_a_supplier_reads_its_own_rows_and_nobody_elses(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving, supplied: Supplied
) -> None:
    other = await a_connection(database, hub, receiving.url)
    await happen(database, supplied.supplier, times=2)
    await happen(database, other.supplier)
    await a_courier(database, hub, outbound).drain()
    force = await somebody(database, await the_force(database), Role.FORCE_CHIEF_OFFICER)
    readers = [
        (supplied.admin.actor, {supplied.supplier.id}),
        (client_of(other.supplier, Scope.EVENTS_SUBSCRIBE), {other.supplier.id}),
        (force.actor, set()),
        (STRANGER, set()),
    ]
    for model in (Connection, Lane, Delivery, Attempt):
        for actor, organisations in readers:
            viewer = Viewer(actor)
            async with database.session() as session:
                rows = await session.scalars(
                    select(model.organisation_id).where(policy.visible(model, viewer))
                )
            assert set(rows) == organisations, (model, actor)


@pytest.mark.parametrize("role", [Role.SUPPLIER_EDITOR, Role.SUPPLIER_VIEWER, Role.BOARD_CHAIR])
async def test_others_may_not_connect(database: Database, hub: Hub, role: Role) -> None:
    person = await somebody(database, await a_supplier(database), role)
    with pytest.raises(Denied):
        await act(
            database,
            person.actor,
            lambda work, actor: service.create_connection(
                work, actor, CreateConnection.parse(GIVEN), hub=hub
            ),
        )


async def test_nobody_connects_another_supplier(database: Database, hub: Hub) -> None:
    person = await somebody(database, await a_supplier(database), Role.SUPPLIER_ADMIN)
    other = await a_supplier(database)
    command = CreateConnection.parse(GIVEN | {"supplier_id": encode("Supplier", other.id)})
    with pytest.raises(Denied):
        await act(
            database,
            person.actor,
            lambda work, actor: service.create_connection(work, actor, command, hub=hub),
        )


async def test_the_signing_secret_is_returned_once_and_stored_sealed(
    database: Database, hub: Hub
) -> None:
    made = await a_connection(database, hub, URL)
    assert made.signing_secret.startswith("whsec_")
    async with database.session() as session:
        rows = (await session.scalars(select(Credential))).all()
        trail = (await session.scalars(select(AuditEntry))).all()
    assert {row.kind for row in rows} == {
        CredentialKind.CLIENT_SECRET,
        CredentialKind.SIGNING_SECRET,
        CredentialKind.ACCESS_TOKEN,
    }
    for row in rows:
        sealed = row.ciphertext or b""
        assert made.signing_secret.encode() not in sealed
        assert CLIENT_SECRET.encode() not in sealed
    shown = repr([entry.detail for entry in trail])
    assert made.signing_secret not in shown
    assert CLIENT_SECRET not in shown
    assert [entry.action for entry in trail] == ["connection:create"]


def test_secrets_do_not_show_in_the_representation_of_a_command() -> None:
    assert "hunter2" not in repr(CreateConnection.parse(GIVEN))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"config": CONFIG | {"endpoint": "http://example.org/"}}, "config.endpoint"),
        ({"config": CONFIG | {"endpoint": "https://10.0.0.1/"}}, "config.endpoint"),
        ({"config": CONFIG | {"endpoint": "https://[::ffff:7f00:1]/"}}, "config.endpoint"),
        ({"config": CONFIG | {"token_url": "gopher://x/"}}, "config.token_url"),
        ({"config": CONFIG | {"token_url": ""}}, "config.token_url"),
        ({"config": CONFIG | {"client_id": "x" * 3_000}}, "config.client_id"),
        ({"config": CONFIG | {"client_id": "a\nb"}}, "config.client_id"),
        ({"config": CONFIG | {"colour": "blue"}}, "config.colour"),
        ({"secrets": {}}, "secrets.client_secret"),
        ({"secrets": {"client_secret": "  "}}, "secrets.client_secret"),
        ({"secrets": {"client_secret": "s", "password": "p"}}, "secrets.password"),
        ({"event_types": ["scene.imagined"]}, "event_types"),
        ({"event_types": ["imagined.*"]}, "event_types"),
    ],
)
async def test_what_does_not_fit_the_manifest_is_refused_and_nothing_is_stored(
    database: Database, hub: Hub, change: dict[str, Any], field: str
) -> None:
    person = await somebody(database, await a_supplier(database), Role.SUPPLIER_ADMIN)
    command = CreateConnection.parse(GIVEN | change)
    with pytest.raises(Invalid) as refusal:
        await act(
            database,
            person.actor,
            lambda work, actor: service.create_connection(work, actor, command, hub=hub),
        )
    assert [problem.field for problem in refusal.value.problems] == [field]
    async with database.session() as session:
        assert await session.scalar(select(func.count()).select_from(Connection)) == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"event_types": []}, "event_types"),
        ({"event_types": "Pilot Accepted"}, "event_types"),
        ({"event_types": [7]}, "event_types.0"),
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"max_attempts": 0}, "max_attempts"),
        ({"max_attempts": "many"}, "max_attempts"),
        ({"poison_policy": "ignore"}, "poison_policy"),
        ({"config": "text"}, "config"),
        ({"config": [{"key": "a"}]}, "config"),
        ({"colour": "blue"}, "colour"),
        ({"supplier_id": encode("Pilot", 1)}, "supplier_id"),
    ],
)
def test_a_malformed_command_is_refused_by_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        CreateConnection.parse(GIVEN | change)
    assert refusal.value.field == field


def test_a_form_and_graphql_say_the_same_thing_in_their_own_ways() -> None:
    form = GIVEN | {"event_types": "scene.*\r\n scene.happened, *", "max_attempts": "7"}
    graph = GIVEN | {
        "event_types": ["*", "scene.*", "scene.happened"],
        "max_attempts": 7,
        "config": [{"name": name, "value": value} for name, value in CONFIG.items()],
        "secrets": [{"name": "client_secret", "value": "hunter2"}],
    }
    assert CreateConnection.parse(form) == CreateConnection.parse(graph)


async def test_two_connections_of_a_supplier_have_different_names(
    database: Database, hub: Hub, supplied: Supplied
) -> None:
    with pytest.raises(Conflict):
        await a_connection(database, hub, URL, admin=supplied.admin)
    await a_connection(database, hub, URL)


async def test_a_stale_change_is_a_conflict(
    database: Database, hub: Hub, supplied: Supplied
) -> None:
    stale = supplied.connection.revision
    for name in ("Second", "Third"):
        command = ChangeConnection(connection_id=supplied.connection.id, revision=stale, name=name)
        if name == "Third":
            with pytest.raises(Conflict):
                await change(database, hub, supplied, command)
        else:
            await change(database, hub, supplied, command)
    assert (await the_connection(database, supplied)).name == "Second"


async def change(
    database: Database, hub: Hub, supplied: Supplied, command: ChangeConnection
) -> Any:
    return await act(
        database,
        supplied.admin.actor,
        lambda work, actor: service.change_connection(work, actor, command, hub=hub),
    )


async def test_a_changed_secret_drops_the_token_and_the_next_delivery_uses_the_new_one(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving, supplied: Supplied
) -> None:
    courier = a_courier(database, hub, outbound)
    await happen(database, supplied.supplier)
    await courier.drain()
    receiving.inbox.client_secret = "rotated"
    command = ChangeConnection.parse(
        {"connection_id": supplied.connection.id, "secrets": {"client_secret": "rotated"}}
    )
    await change(database, hub, supplied, command)
    await happen(database, supplied.supplier)

    await courier.drain()

    assert receiving.seqs() == [1, 2]
    assert receiving.inbox.tokens_issued == 2
    changed = (await the_connection(database, supplied)).config
    assert changed == supplied.connection.config


async def test_pausing_and_resuming_loses_and_doubles_nothing(
    database: Database,
    hub: Hub,
    outbound: Outbound,
    receiving: Receiving,
    supplied: Supplied,
    operations: dict[str, Do],
) -> None:
    courier = a_courier(database, hub, outbound)
    await happen(database, supplied.supplier)
    await act(database, supplied.admin.actor, operations["pause"])
    await happen(database, supplied.supplier, times=2)
    assert await courier.drain() == 0
    with pytest.raises(WrongState):
        await act(database, supplied.admin.actor, operations["pause"])
    with pytest.raises(WrongState):
        await act(database, supplied.admin.actor, operations["test"])

    await act(database, supplied.admin.actor, operations["resume"])
    await courier.drain()

    assert receiving.seqs() == [1, 2, 3]
    with pytest.raises(WrongState):
        await act(database, supplied.admin.actor, operations["resume"])


async def test_a_test_goes_the_way_of_every_delivery_whatever_the_subscription(
    database: Database,
    hub: Hub,
    outbound: Outbound,
    receiving: Receiving,
    supplied: Supplied,
    operations: dict[str, Do],
) -> None:
    await a_connection(database, hub, receiving.url, admin=supplied.admin, name="Other")
    sample = await act(database, supplied.admin.actor, operations["test"])
    assert (sample.event_type, sample.state) == ("connector.test", DeliveryState.QUEUED)

    await a_courier(database, hub, outbound).drain()

    assert receiving.inbox.report()["by_type"] == {"connector.test": 1}
    assert [row.state for row in await deliveries(database)] == [DeliveryState.DELIVERED]


async def test_resuming_after_the_client_was_refused_tries_at_once(
    database: Database,
    hub: Hub,
    outbound: Outbound,
    receiving: Receiving,
    supplied: Supplied,
    operations: dict[str, Do],
) -> None:
    receiving.inbox.client_secret = "wrong for now"
    courier = a_courier(database, hub, outbound)
    await happen(database, supplied.supplier)
    await courier.drain()
    assert (await the_connection(database, supplied)).state is ConnectionState.AUTH_EXPIRED

    receiving.inbox.client_secret = CLIENT_SECRET
    await act(database, supplied.admin.actor, operations["resume"])
    await courier.drain()

    assert receiving.seqs() == [1]
    resumed = await the_connection(database, supplied)
    assert (resumed.state, resumed.state_reason) == (ConnectionState.ACTIVE, None)


async def test_everything_a_person_or_the_hub_decides_is_in_the_trail(
    database: Database,
    hub: Hub,
    outbound: Outbound,
    receiving: Receiving,
    supplied: Supplied,
    operations: dict[str, Do],
) -> None:
    receiving.inbox.fail_first = 1
    await happen(database, supplied.supplier)
    await a_courier(database, hub, outbound).drain()
    for name in ("replay", "change", "test", "pause", "resume"):
        await act(database, supplied.admin.actor, operations[name])

    async with database.session() as session:
        trail = (await session.scalars(select(AuditEntry).order_by(AuditEntry.seq))).all()
        blocked = (await session.scalars(select(Lane.state))).all()
    assert [entry.action for entry in trail if not entry.action.startswith("scene")] == [
        "connection:create",
        "delivery:give_up",
        "delivery:replay",
        "connection:change",
        "connection:test",
        "connection:pause",
        "connection:resume",
    ]
    given_up = next(entry for entry in trail if entry.action == "delivery:give_up")
    assert given_up.person_id is None
    assert given_up.organisation_id == supplied.supplier.id
    assert set(blocked) == {LaneState.READY}
