"""Who gets which lane, for how long, and what a late owner may still do."""

import asyncio
from datetime import timedelta

import pytest

from innohub.db.unit_of_work import Database
from innohub.hub.delivery import claim as claims
from innohub.hub.delivery.claim import Claimed
from innohub.hub.delivery.holding import Move, NotHeld, lock, move, renew
from innohub.hub.models import ConnectionState
from innohub.hub.wiring import Hub
from tests.hub.scene import (
    RealClock,
    Supplied,
    a_connection,
    happen,
    lanes,
    the_connection,
)

URL = "http://127.0.0.1:9"
LEASE = timedelta(seconds=60)


async def take(
    database: Database, count: int = 10, cap: int = 10, owner: str = "a"
) -> list[Claimed]:
    async with database.session() as session, session.begin():
        return await claims.claim(
            session,
            now=database.clock(),
            owner=owner,
            lease=LEASE,
            count=count,
            in_flight_per_supplier=cap,
        )


async def a_supplier_with_lanes(database: Database, hub: Hub, number: int) -> Supplied:
    supplied = await a_connection(database, hub, URL)
    for stream in range(number):
        await happen(database, supplied.supplier, f"pilot/{stream}")
    return supplied


async def test_a_held_lane_is_not_claimed_again_until_its_lease_ends(
    database: Database, hub: Hub, clock: RealClock
) -> None:
    await a_supplier_with_lanes(database, hub, 1)
    (first,) = await take(database)

    assert await take(database) == []
    clock.pass_seconds(61)
    (second,) = await take(database)

    assert second.lane_id == first.lane_id
    assert second.fence == first.fence + 1


async def test_a_late_owner_can_neither_renew_nor_lock(
    database: Database, hub: Hub, clock: RealClock
) -> None:
    await a_supplier_with_lanes(database, hub, 1)
    (late,) = await take(database, owner="late")
    clock.pass_seconds(61)
    await take(database, owner="new")

    async with database.session() as session, session.begin():
        assert not await renew(session, late, now=clock(), lease=LEASE)
        with pytest.raises(NotHeld):
            await lock(session, [late], wait=True)

    assert [lane.owner for lane in await lanes(database)] == ["new"]


async def test_ten_workers_at_once_never_share_a_lane(database: Database, hub: Hub) -> None:
    await a_supplier_with_lanes(database, hub, 30)

    found = await asyncio.gather(*(take(database, 4, 30, f"w{n}") for n in range(10)))

    taken = [lane.lane_id for lanes in found for lane in lanes]
    assert len(taken) == len(set(taken))
    rest = await take(database, 30, 30)
    assert len(taken) + len(rest) == 30


async def test_suppliers_take_turns(database: Database, hub: Hub) -> None:
    noisy = await a_supplier_with_lanes(database, hub, 12)
    quiet = await a_supplier_with_lanes(database, hub, 1)
    modest = await a_supplier_with_lanes(database, hub, 2)

    first = await take(database, count=4)

    suppliers = [lane.organisation_id for lane in first]
    assert {quiet.supplier.id, modest.supplier.id, noisy.supplier.id} == set(suppliers)
    assert suppliers.count(noisy.supplier.id) <= 2


async def test_a_supplier_never_has_more_than_its_share_in_hand(
    database: Database, hub: Hub
) -> None:
    noisy = await a_supplier_with_lanes(database, hub, 8)
    assert len(await take(database, cap=3)) == 3
    assert await take(database, cap=3) == []

    quiet = await a_supplier_with_lanes(database, hub, 1)
    assert [lane.organisation_id for lane in await take(database, cap=3)] == [quiet.supplier.id]
    assert noisy.supplier.id != quiet.supplier.id


async def test_only_connections_that_send_are_claimed(database: Database, hub: Hub) -> None:
    for state in ConnectionState:
        supplied = await a_supplier_with_lanes(database, hub, 1)
        async with database.session() as session, session.begin():
            connection = await the_connection(database, supplied)
            session.add(connection)
            connection.state = state
            connection.name = state

    names = set()
    for lane in await take(database):
        async with database.session() as session:
            names.add((await session.get_one(type(connection), lane.connection_id)).name)
    assert names == {"active", "failing"}


async def test_a_lane_is_claimed_when_it_is_due_and_has_something(
    database: Database, hub: Hub, clock: RealClock
) -> None:
    supplied = await a_supplier_with_lanes(database, hub, 1)
    (lane,) = await take(database)
    async with database.session() as session, session.begin():
        await move(session, [Move(lane.lane_id, next_at=clock() + timedelta(seconds=30))])
    assert await take(database) == []

    await happen(database, supplied.supplier, "pilot/0")
    assert await take(database) == [], "a new event does not hurry a lane that waits"

    clock.pass_seconds(31)
    assert len(await take(database)) == 1
