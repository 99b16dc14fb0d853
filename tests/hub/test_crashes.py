"""Workers that die, stall or lose their lane: nothing is lost, and the receiver tells doubles."""

import asyncio
from datetime import timedelta

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from innohub.cli.receiver import create_receiver
from innohub.db.unit_of_work import Database
from innohub.hub.claim import claim
from innohub.hub.contract import OutcomeClass
from innohub.hub.deliveries import Deliveries, Pace
from innohub.hub.lanes import open_head
from innohub.hub.models import DeliveryState
from innohub.hub.outbound import Outbound
from innohub.hub.wiring import Hub
from tests.hub.scene import (
    AT_ONCE,
    RealClock,
    Receiving,
    Supplied,
    a_connection,
    a_courier,
    attempts,
    deliveries,
    happen,
    lanes,
    served,
)

LEASE = timedelta(seconds=60)


async def test_a_crash_between_send_and_settle_repeats_the_key_and_the_receiver_drops_it(
    database: Database,
    hub: Hub,
    outbound: Outbound,
    receiving: Receiving,
    supplied: Supplied,
    clock: RealClock,
) -> None:
    await happen(database, supplied.supplier, times=2)
    doomed = Deliveries(database, hub, outbound, pace=Pace(lease=LEASE, schedule=AT_ONCE))

    async def die(tried: object) -> None:
        raise asyncio.CancelledError

    doomed._settlement.finish = die  # type: ignore[method-assign, assignment]
    (lane,) = await claimed(database)
    task = asyncio.create_task(doomed.work(lane))
    await asyncio.wait([task])
    assert task.cancelled()
    assert receiving.seqs() == [1]

    courier = a_courier(database, hub, outbound)
    assert await courier.drain() == 0, "the dead worker's lease still holds"
    clock.pass_seconds(61)
    clock_seen_by_receiver_ok(clock)
    await courier.drain()

    assert receiving.seqs() == [1, 2]
    assert receiving.inbox.duplicates == 1
    first = (await deliveries(database))[0]
    assert (first.state, first.attempts) == (DeliveryState.DELIVERED, 2)
    log = [row for row in await attempts(database) if row.delivery_id == first.id]
    assert [(row.number, row.outcome) for row in log] == [(1, "unknown"), (2, "ok")]


def clock_seen_by_receiver_ok(clock: RealClock) -> None:
    """The receiver allows five minutes between its clock and the timestamp."""
    assert clock.ahead < timedelta(minutes=5)


async def claimed(database: Database, owner: str = "doomed"):  # type: ignore[no-untyped-def]
    async with database.session() as session, session.begin():
        return await claim(
            session,
            now=database.clock(),
            owner=owner,
            lease=LEASE,
            count=1,
            in_flight_per_supplier=1,
        )


async def test_a_worker_that_stalled_past_its_lease_cannot_settle(
    database: Database, hub: Hub, outbound: Outbound, clock: RealClock
) -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()
    holder: dict[str, Receiving] = {}

    async def events(request: Request) -> Response:
        if not arrived.is_set():
            arrived.set()
            await go_on.wait()
        return JSONResponse({})

    async def token(request: Request) -> Response:
        return JSONResponse({"access_token": "t", "token_type": "bearer", "expires_in": 3600})

    routes = [Route("/events", events, methods=["POST"]), Route("/token", token, methods=["POST"])]
    async with served(Starlette(routes=routes)) as url:
        supplied = await a_connection(database, hub, url)
        await happen(database, supplied.supplier, times=2)
        stalled = asyncio.create_task(a_courier(database, hub, outbound).drain())
        await arrived.wait()
        clock.pass_seconds(61)

        await a_courier(database, hub, outbound).drain()
        before = [(row.id, row.state, row.settled_at) for row in await deliveries(database)]
        go_on.set()
        await stalled

    rows = await deliveries(database)
    assert [(row.id, row.state, row.settled_at) for row in rows] == before
    assert {row.state for row in rows} == {DeliveryState.DELIVERED}
    assert [lane.pending for lane in await lanes(database)] == [0]
    log = await attempts(database)
    assert sorted(row.outcome for row in log if row.delivery_id == rows[0].id) == [
        "ok",
        "ok",
        "unknown",
    ], "the late worker's request is in the log, and only there"
    assert not holder


async def test_a_worker_that_died_before_it_sent_loses_nothing(
    database: Database,
    hub: Hub,
    outbound: Outbound,
    receiving: Receiving,
    supplied: Supplied,
    clock: RealClock,
) -> None:
    await happen(database, supplied.supplier)
    (lane,) = await claimed(database)
    async with database.session() as session, session.begin():
        head = await open_head(session, lane, now=clock(), lease=LEASE)
    assert head is not None
    clock.pass_seconds(61)

    await a_courier(database, hub, outbound).drain()

    assert receiving.seqs() == [1]
    assert receiving.inbox.duplicates == 0


async def test_an_answer_that_never_comes_is_sent_again_under_the_same_key(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving, supplied: Supplied
) -> None:
    """The receiver takes the event, and the connection breaks before it says so."""
    broken = 0
    taking = create_receiver(receiving.inbox)

    async def lossy(scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        nonlocal broken
        if scope["path"] == "/events" and broken < 1:
            broken += 1

            async def nowhere(message: object) -> None:
                return None

            await taking(scope, receive, nowhere)
            raise ConnectionResetError("lost on the way back")
        await taking(scope, receive, send)

    async with served(lossy) as url:
        lossy_connection = await a_connection(
            database, hub, url, admin=supplied.admin, name="Lossy", event_types=["scene.otherwise"]
        )
        receiving.trust(lossy_connection)
        from tests.hub.scene import SomethingElse

        async with database.session() as session, session.begin():
            await session.merge(supplied.connection)
        await happen(database, supplied.supplier, "pilot/9", kind=SomethingElse)
        # The first connection hears of it too, under another secret: keep it out.
        await a_courier(database, hub, outbound).drain()

    row = next(
        row
        for row in await deliveries(database)
        if row.connection_id == lossy_connection.connection.id
    )
    assert (row.state, row.attempts) == (DeliveryState.DELIVERED, 2)
    log = [each for each in await attempts(database) if each.delivery_id == row.id]
    assert [each.outcome for each in log] == [OutcomeClass.RETRY, OutcomeClass.OK]
    assert len({each.request_headers["webhook-id"] for each in log}) == 1
