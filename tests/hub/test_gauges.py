"""What operators watch of each connection."""

import re

from innohub.db.unit_of_work import Database
from innohub.hub.gauges import connection_gauges
from innohub.hub.schedule import Schedule
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub
from tests.hub.scene import (
    RealClock,
    Receiving,
    Supplied,
    a_connection,
    a_courier,
    happen,
)


async def told(database: Database, supplied: Supplied) -> dict[str, float]:
    """The gauges of one connection, by their names."""
    async with database.session() as session:
        text = (await connection_gauges(session, database.clock())).decode()
    labels = rf'\{{connection="{supplied.connection.id}",connector="webhook",supplier="[\w-]+"\}}'
    found = re.findall(rf"^innohub_connection_(\w+){labels} (\S+)$", text, re.MULTILINE)
    return {name: float(value) for name, value in found}


async def test_an_idle_connection_sends_and_nothing_waits(
    database: Database, supplied: Supplied
) -> None:
    assert await told(database, supplied) == {
        "pending": 0,
        "lag_seconds": 0,
        "blocked_lanes": 0,
        "failures": 0,
        "sending": 1,
    }


async def test_what_waits_is_counted_with_the_age_of_the_oldest(
    database: Database, supplied: Supplied, clock: RealClock
) -> None:
    await happen(database, supplied.supplier, "pilot/1", times=2)
    clock.pass_seconds(100)
    await happen(database, supplied.supplier, "pilot/2")
    clock.pass_seconds(20)

    found = await told(database, supplied)
    assert found["pending"] == 3
    assert 120 <= found["lag_seconds"] < 140


async def test_failures_and_stopped_streams_show_on_their_own_connection_only(
    database: Database,
    hub: Hub,
    outbound: Outbound,
    receiving: Receiving,
    supplied: Supplied,
) -> None:
    other = await a_connection(database, hub, "http://127.0.0.1:9")
    await happen(database, other.supplier)
    receiving.inbox.fail_first, receiving.inbox.fail_status = 1, 422
    await happen(database, supplied.supplier, times=2)
    await a_courier(database, hub, outbound, schedule=Schedule((60.0,), jitter=0)).drain()

    stopped, failing = await told(database, supplied), await told(database, other)
    assert (stopped["blocked_lanes"], stopped["pending"]) == (1, 1)
    assert (failing["blocked_lanes"], failing["pending"], failing["failures"]) == (0, 1, 1)
