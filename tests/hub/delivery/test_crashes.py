"""Workers that die, stall or lose their lane: nothing is lost, and the receiver tells doubles."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from innohub.db.unit_of_work import Database
from innohub.hub.delivery.claim import Claimed, claim
from innohub.hub.delivery.deliveries import Deliveries, Pace
from innohub.hub.delivery.lanes import open_heads
from innohub.hub.models import DeliveryState
from innohub.hub.wire.outbound import Outbound
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

    doomed._settlement.finish = die  # type: ignore[method-assign]
    (lane,) = await claimed(database)
    task = asyncio.create_task(doomed.work(lane))
    await asyncio.wait([task])
    assert task.cancelled()
    assert receiving.seqs() == [1]

    courier = a_courier(database, hub, outbound)
    assert await courier.drain() == 0, "the dead worker's lease still holds"
    clock.pass_seconds(61)
    await courier.drain()

    assert receiving.seqs() == [1, 2]
    assert receiving.inbox.duplicates == 1
    first = (await deliveries(database))[0]
    assert (first.state, first.attempts) == (DeliveryState.DELIVERED, 2)
    log = [row for row in await attempts(database) if row.delivery_id == first.id]
    assert [(row.number, row.outcome) for row in log] == [(1, "unknown"), (2, "ok")]


async def claimed(database: Database) -> list[Claimed]:
    async with database.session() as session, session.begin():
        return await claim(
            session,
            now=database.clock(),
            owner="doomed",
            lease=LEASE,
            count=1,
            in_flight_per_supplier=1,
        )


async def test_a_worker_that_stalled_past_its_lease_cannot_settle(
    database: Database, hub: Hub, outbound: Outbound, clock: RealClock
) -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()

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
        heads = await open_heads(session, [lane], now=clock(), lease=LEASE, wait=True)
    assert heads[lane.lane_id] is not None
    clock.pass_seconds(61)

    await a_courier(database, hub, outbound).drain()

    assert receiving.seqs() == [1]
    assert receiving.inbox.duplicates == 0


async def test_an_answer_that_never_comes_is_sent_again_under_the_same_key(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving
) -> None:
    async with losing_the_answer(receiving.url) as url:
        supplied = await a_connection(database, hub, url)
        receiving.trust(supplied)
        await happen(database, supplied.supplier, times=2)
        await a_courier(database, hub, outbound).drain()

    assert receiving.seqs() == [1, 2]
    assert receiving.inbox.duplicates == 1
    first = (await deliveries(database))[0]
    assert (first.state, first.attempts) == (DeliveryState.DELIVERED, 2)
    log = [each for each in await attempts(database) if each.delivery_id == first.id]
    assert [each.outcome for each in log] == ["unknown", "ok"]
    assert {each.request_headers["webhook-id"] for each in log} == {first.external_key}


@asynccontextmanager
async def losing_the_answer(url: str) -> AsyncIterator[str]:
    """A network before the receiver that loses the answer to the first event."""
    target = int(url.rpartition(":")[2])
    lost = False

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal lost
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(re.search(rb"content-length: (\d+)", head.lower())[1])  # type: ignore[index]
        request = head + await reader.readexactly(length)
        request = request.replace(b"\r\n", b"\r\nconnection: close\r\n", 1)
        near, far = await asyncio.open_connection("127.0.0.1", target)
        far.write(request)
        answer = await near.read()
        far.close()
        if b"POST /events" in head and not lost:
            lost = True
        else:
            writer.write(answer)
        writer.close()

    server = await asyncio.start_server(carry, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
