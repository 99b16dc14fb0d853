"""Sending again: under the old key, in the right place, never twice at once."""

import asyncio

import pytest
from sqlalchemy import select

from innohub.db.unit_of_work import Database
from innohub.errors import Conflict, Invalid, WrongState
from innohub.hub import service
from innohub.hub.commands import ChangeConnection, ReplayDeliveries, ReplayDelivery
from innohub.hub.delivery import replays
from innohub.hub.models import Delivery, DeliveryState, LaneState
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub
from innohub.outbox.models import Event
from tests.hub.scene import (
    Receiving,
    SomethingElse,
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


async def replay_all(database: Database, supplied: Supplied, **which: object) -> int:
    actor = supplied.admin.actor
    command = ReplayDeliveries.parse({"connection_id": supplied.connection.id, **which})
    async with database.unit_of_work(actor.signature()) as work:
        return (await service.replay_deliveries(work, actor, command)).count


async def test_several_are_sent_again_in_the_order_of_their_lanes(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving, supplied: Supplied
) -> None:
    courier = a_courier(database, hub, outbound)
    for stream in ("pilot/1", "pilot/2"):
        await happen(database, supplied.supplier, stream, times=3)
    await courier.drain()
    receiving.inbox.events.clear()

    assert await replay_all(database, supplied, states=["delivered"]) == 6
    await courier.drain()

    assert (receiving.seqs("pilot/1"), receiving.seqs("pilot/2")) == ([1, 2, 3], [1, 2, 3])
    rows = await deliveries(database)
    assert len({row.external_key for row in rows}) == 6
    assert {row.state for row in rows} == {DeliveryState.DELIVERED}


async def test_a_dry_run_counts_and_changes_nothing(
    database: Database, hub: Hub, outbound: Outbound, supplied: Supplied
) -> None:
    await happen(database, supplied.supplier, times=2)
    await a_courier(database, hub, outbound).drain()

    which = {"states": ["delivered"], "dry_run": True}
    assert await replay_all(database, supplied, **which) == 2

    assert len(await deliveries(database)) == 2
    assert [lane.pending for lane in await lanes(database)] == [0]


async def test_only_what_fits_is_sent_again(
    database: Database, hub: Hub, outbound: Outbound, supplied: Supplied
) -> None:
    courier = a_courier(database, hub, outbound)
    await happen(database, supplied.supplier, "pilot/1")
    await happen(database, supplied.supplier, "pilot/2", kind=SomethingElse)
    await courier.drain()
    first, second = await events_of(database)

    async def fitting(**which: object) -> int:
        return await replay_all(
            database, supplied, **{"states": ["delivered"], "dry_run": True, **which}
        )

    assert await fitting(event_types=["scene.otherwise"]) == 1
    assert await fitting(event_types=["scene.*"]) == 2
    assert await fitting(event_types=["*"]) == 2
    assert await fitting(states=["dead_letter"]) == 0
    assert await fitting(since=second) == 1
    assert await fitting(until=second) == 1
    assert await fitting(since=first, until=second) == 1


async def events_of(database: Database) -> list[str]:
    """When each event happened, in order."""
    async with database.session() as session:
        found = await session.scalars(select(Event.created_at).order_by(Event.id))
        return [moment.isoformat() for moment in found]


async def test_of_an_event_sent_several_times_the_newest_delivery_counts(
    database: Database, hub: Hub, outbound: Outbound, supplied: Supplied
) -> None:
    courier = a_courier(database, hub, outbound)
    await happen(database, supplied.supplier)
    await courier.drain()
    for _ in range(2):
        assert await replay_all(database, supplied, states=["delivered"]) == 1
        # Already on its way: not a second time.
        assert await replay_all(database, supplied, states=["delivered"]) == 0
        await courier.drain()


async def test_the_dead_letters_of_a_blocked_connection_go_first_and_free_their_lanes(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving, supplied: Supplied
) -> None:
    receiving.inbox.fail_first = 2
    courier = a_courier(database, hub, outbound)
    for stream in ("pilot/1", "pilot/2"):
        await happen(database, supplied.supplier, stream, times=2)
    await courier.drain()
    assert [lane.state for lane in await lanes(database)] == [LaneState.BLOCKED] * 2

    assert await replay_all(database, supplied) == 2
    await courier.drain()

    assert (receiving.seqs("pilot/1"), receiving.seqs("pilot/2")) == ([1, 2], [1, 2])
    assert [(lane.state, lane.pending) for lane in await lanes(database)] == [
        (LaneState.READY, 0)
    ] * 2


async def test_what_is_on_its_way_cannot_be_asked_for(
    database: Database, supplied: Supplied
) -> None:
    with pytest.raises(Invalid, match="What is queued is not sent again"):
        await replay_all(database, supplied, states=["queued"])
    window = {"since": "2026-11-02T10:00:00Z", "until": "2026-11-02T09:00:00Z"}
    with pytest.raises(Invalid, match="ends before it begins"):
        await replay_all(database, supplied, **window)


async def test_more_than_one_transaction_holds_is_refused(
    database: Database,
    hub: Hub,
    outbound: Outbound,
    supplied: Supplied,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(replays, "MOST", 1)
    await happen(database, supplied.supplier, times=2)
    await a_courier(database, hub, outbound).drain()
    with pytest.raises(Invalid, match="2 deliveries fit, and at most 1"):
        await replay_all(database, supplied, states=["delivered"])
    assert len(await deliveries(database)) == 2
