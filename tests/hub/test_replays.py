"""Sending again: under the old key, in the right place, never twice at once."""

import asyncio

import pytest

from innohub.db.unit_of_work import Database
from innohub.errors import Conflict, WrongState
from innohub.hub import service
from innohub.hub.commands import ChangeConnection, ReplayDelivery
from innohub.hub.models import Delivery, DeliveryState, LaneState
from innohub.hub.outbound import Outbound
from innohub.hub.wiring import Hub
from tests.hub.scene import (
    Receiving,
    Supplied,
    a_connection,
    a_courier,
    deliveries,
    happen,
    lanes,
)


async def replay(database: Database, supplied: Supplied, delivery: Delivery) -> Delivery:
    actor = supplied.admin.actor
    async with database.unit_of_work(actor.signature()) as work:
        return await service.replay_delivery(work, actor, ReplayDelivery(delivery_id=delivery.id))


async def test_replaying_the_dead_letter_that_blocks_a_lane_goes_first_and_frees_it(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving, supplied: Supplied
) -> None:
    receiving.inbox.fail_first = 1
    courier = a_courier(database, hub, outbound)
    await happen(database, supplied.supplier, times=3)
    await courier.drain()
    dead = (await deliveries(database))[0]
    assert receiving.seqs() == []

    again = await replay(database, supplied, dead)
    await courier.drain()

    assert receiving.seqs() == [1, 2, 3]
    assert (again.external_key, again.replay_of_id) == (dead.external_key, dead.id)
    states = {row.id: row.state for row in await deliveries(database)}
    assert states[dead.id] is DeliveryState.REPLAYED
    assert states[again.id] is DeliveryState.DELIVERED
    assert [(lane.state, lane.pending) for lane in await lanes(database)] == [(LaneState.READY, 0)]


async def test_a_replay_that_is_given_up_too_can_be_replayed(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving, supplied: Supplied
) -> None:
    receiving.inbox.fail_first = 2
    courier = a_courier(database, hub, outbound)
    await happen(database, supplied.supplier, times=2)
    await courier.drain()
    first = (await deliveries(database))[0]
    second = await replay(database, supplied, first)
    await courier.drain()

    third = await replay(database, supplied, second)
    await courier.drain()

    assert third.replay_of_id == first.id
    assert receiving.seqs() == [1, 2]


async def test_replaying_what_arrived_goes_to_the_end_and_the_receiver_sees_the_double(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving, supplied: Supplied
) -> None:
    courier = a_courier(database, hub, outbound)
    await happen(database, supplied.supplier, times=2)
    await courier.drain()
    first = (await deliveries(database))[0]
    await happen(database, supplied.supplier)

    again = await replay(database, supplied, first)
    await happen(database, supplied.supplier)
    await courier.drain()

    assert receiving.seqs() == [1, 2, 3, 4]
    assert receiving.inbox.duplicates == 1
    sent = sorted(await deliveries(database), key=lambda row: (row.settled_at, row.id))
    assert [row.seq for row in sent] == [1, 2, 3, 1, 4]
    assert sent[3].id == again.id
    states = {row.id: row.state for row in sent}
    assert states[first.id] is DeliveryState.DELIVERED


async def test_a_delivery_on_its_way_is_not_replayed(
    database: Database, hub: Hub, outbound: Outbound, supplied: Supplied
) -> None:
    await happen(database, supplied.supplier)
    (waiting,) = await deliveries(database)
    with pytest.raises(WrongState):
        await replay(database, supplied, waiting)
    assert len(await deliveries(database)) == 1


async def test_two_people_who_replay_at_once_make_one_replay(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving, supplied: Supplied
) -> None:
    await happen(database, supplied.supplier)
    courier = a_courier(database, hub, outbound)
    await courier.drain()
    (done,) = await deliveries(database)

    found = await asyncio.gather(
        *(replay(database, supplied, done) for _ in range(4)), return_exceptions=True
    )

    assert sum(isinstance(each, Delivery) for each in found) == 1
    assert all(isinstance(each, Delivery | Conflict) for each in found)
    assert len(await deliveries(database)) == 2
    assert [lane.pending for lane in await lanes(database)] == [1]


async def test_switching_to_skip_frees_blocked_lanes_and_keeps_the_dead_letter(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving, supplied: Supplied
) -> None:
    receiving.inbox.fail_first = 1
    courier = a_courier(database, hub, outbound)
    await happen(database, supplied.supplier, times=2)
    await courier.drain()
    actor = supplied.admin.actor
    command = ChangeConnection(connection_id=supplied.connection.id, poison_policy="skip_after_n")
    async with database.unit_of_work(actor.signature()) as work:
        await service.change_connection(work, actor, command, hub=hub)

    await courier.drain()

    assert receiving.seqs() == [2]
    assert (await deliveries(database))[0].state is DeliveryState.DEAD_LETTER


async def test_another_replay_does_not_free_a_blocked_lane(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving
) -> None:
    supplied = await a_connection(database, hub, receiving.url)
    receiving.trust(supplied)
    courier = a_courier(database, hub, outbound)
    await happen(database, supplied.supplier)
    await courier.drain()
    (arrived,) = await deliveries(database)
    receiving.inbox.fail_first = 1
    await happen(database, supplied.supplier)
    await courier.drain()

    await replay(database, supplied, arrived)
    await courier.drain()

    assert receiving.inbox.duplicates == 0
    assert [lane.state for lane in await lanes(database)] == [LaneState.BLOCKED]
