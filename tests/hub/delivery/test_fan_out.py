"""An event's deliveries stand or fall with the event itself."""

from typing import Any

import pytest

from innohub.db.unit_of_work import Database
from innohub.hub.delivery.fan_out import line_up, names_for
from innohub.hub.models import ConnectionState, DeliveryState
from innohub.hub.wiring import Hub
from innohub.identity.actor import SYSTEM
from innohub.identity.models import Organisation
from innohub.outbox.service import record
from tests.factories import a_supplier
from tests.hub.scene import (
    SomethingHappened,
    Supplied,
    a_connection,
    deliveries,
    happen,
    lanes,
    the_connection,
)

URL = "http://127.0.0.1:9"


async def supplied_by(database: Database, hub: Hub, **changes: Any) -> Supplied:
    return await a_connection(database, hub, URL, **changes)


async def test_deliveries_are_written_with_the_event(database: Database, hub: Hub) -> None:
    supplied = await supplied_by(database, hub)
    await happen(database, supplied.supplier, "pilot/1", times=3)

    rows = await deliveries(database)
    assert [(row.stream, row.seq, row.state) for row in rows] == [
        ("pilot/1", 1, DeliveryState.QUEUED),
        ("pilot/1", 2, DeliveryState.QUEUED),
        ("pilot/1", 3, DeliveryState.QUEUED),
    ]
    assert len({row.external_key for row in rows}) == 3
    assert [(lane.stream, lane.pending) for lane in await lanes(database)] == [("pilot/1", 3)]


async def test_a_rolled_back_event_leaves_no_delivery(database: Database, hub: Hub) -> None:
    supplied = await supplied_by(database, hub)

    async def fail(work: object) -> None:
        raise RuntimeError("the last hook fails")

    database.before_commit.append(fail)
    with pytest.raises(RuntimeError):
        await happen(database, supplied.supplier)
    database.before_commit.remove(fail)

    assert await deliveries(database) == []
    assert await lanes(database) == []


async def test_another_suppliers_event_is_nobodys_delivery(database: Database, hub: Hub) -> None:
    supplied = await supplied_by(database, hub)
    other = await supplied_by(database, hub)
    await happen(database, other.supplier)

    assert [row.organisation_id for row in await deliveries(database)] == [other.supplier.id]
    assert [row.connection_id for row in await deliveries(database)] == [other.connection.id]
    assert supplied.supplier.id != other.supplier.id


async def test_an_event_of_no_supplier_is_not_delivered(database: Database, hub: Hub) -> None:
    supplied = await supplied_by(database, hub, event_types=["*"])
    async with database.unit_of_work(SYSTEM.signature()) as work:
        about = await work.session.get_one(Organisation, supplied.supplier.id)
        await record(work, "scene:play", about, event=SomethingHappened(stream="round/1"))
    assert await deliveries(database) == []


async def test_each_connection_of_a_supplier_gets_its_own_delivery_under_one_key(
    database: Database, hub: Hub
) -> None:
    first = await supplied_by(database, hub)
    await supplied_by(database, hub, admin=first.admin, name="Second")
    await happen(database, first.supplier)

    rows = await deliveries(database)
    assert len({row.connection_id for row in rows}) == 2
    assert len({row.external_key for row in rows}) == 1
    assert len(await lanes(database)) == 2


@pytest.mark.parametrize(
    ("state", "collects"),
    [
        (ConnectionState.DRAFT, False),
        (ConnectionState.AUTHORISING, False),
        (ConnectionState.ACTIVE, True),
        (ConnectionState.PAUSED, True),
        (ConnectionState.AUTH_EXPIRED, True),
        (ConnectionState.FAILING, True),
        (ConnectionState.REVOKED, False),
    ],
)
async def test_a_pause_loses_nothing(
    database: Database, hub: Hub, state: ConnectionState, collects: bool
) -> None:
    supplied = await supplied_by(database, hub)
    async with database.session() as session, session.begin():
        connection = await the_connection(database, supplied)
        session.add(connection)
        connection.state = state
    await happen(database, supplied.supplier)
    assert len(await deliveries(database)) == int(collects)


async def test_lining_up_twice_changes_nothing(database: Database, hub: Hub) -> None:
    supplied = await supplied_by(database, hub)
    async with database.unit_of_work(SYSTEM.signature()) as work:
        about = await work.session.get_one(Organisation, supplied.supplier.id)
        event = SomethingHappened(stream="pilot/1", supplier_id=supplied.supplier.id)
        await record(work, "scene:play", about, event=event)
        await line_up(work, work.events[0])
    assert len(await deliveries(database)) == 1
    assert [lane.pending for lane in await lanes(database)] == [1]


async def test_a_supplier_without_connections_costs_nothing(database: Database) -> None:
    await happen(database, await a_supplier(database))
    assert await deliveries(database) == []


def test_the_hubs_own_events_come_to_those_only_who_name_them() -> None:
    assert names_for("pilot.accepted") == ["pilot.accepted", "pilot.*", "*"]
    assert names_for("connector.delivery_failed") == ["connector.delivery_failed", "connector.*"]
