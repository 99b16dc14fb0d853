"""A connection that only fails: its people are warned at half and at four fifths of the time, and
it is paused at the end. Nothing is lost."""

from datetime import timedelta

from sqlalchemy import select

from innohub.db.unit_of_work import Database
from innohub.hub.commands import ResumeConnection
from innohub.hub.delivery.failing import PAUSED_AFTER, warn_of_failing
from innohub.hub.models import ConnectionState, DeliveryState
from innohub.hub.schedule import Schedule
from innohub.hub.service import resume_connection
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub
from innohub.notices.models import Notice
from tests.hub.scene import (
    RealClock,
    Receiving,
    Supplied,
    a_connection,
    a_courier,
    deliveries,
    happen,
    the_connection,
)

NOWHERE = "http://127.0.0.1:9"


async def notices(database: Database) -> list[str]:
    async with database.session() as session:
        return list(await session.scalars(select(Notice.text).order_by(Notice.id)))


async def failing(database: Database, hub: Hub, outbound: Outbound) -> Supplied:
    """A connection that leads nowhere, after its first try."""
    supplied = await a_connection(database, hub, NOWHERE)
    await happen(database, supplied.supplier)
    await a_courier(database, hub, outbound, schedule=Schedule((60.0,), jitter=0)).drain()
    return supplied


async def test_people_are_warned_at_half_and_four_fifths_and_told_of_the_pause(
    database: Database, hub: Hub, outbound: Outbound, clock: RealClock
) -> None:
    supplied = await failing(database, hub, outbound)
    assert await warn_of_failing(database) == 0

    for share, words in ((0.5, "fails, and is paused on"), (0.8, "fails, and is paused on")):
        clock.ahead = PAUSED_AFTER * share + timedelta(minutes=5)
        assert await warn_of_failing(database) == 1
        assert await warn_of_failing(database) == 0, "once for each share"
        assert words in (await notices(database))[-1]
    assert (await the_connection(database, supplied)).state in (
        ConnectionState.ACTIVE,
        ConnectionState.FAILING,
    )

    clock.ahead = PAUSED_AFTER + timedelta(minutes=5)
    assert await warn_of_failing(database) == 1
    connection = await the_connection(database, supplied)
    assert connection.state is ConnectionState.PAUSED
    assert connection.state_reason == "Nothing could be delivered for 5 days."
    told = await notices(database)
    assert len(told) == 3
    assert "is paused: nothing could be delivered for 5 days" in told[-1]
    assert await warn_of_failing(database) == 0


async def test_what_was_not_seen_in_time_is_told_once_by_where_it_stands(
    database: Database, hub: Hub, outbound: Outbound, clock: RealClock
) -> None:
    supplied = await failing(database, hub, outbound)
    clock.ahead = PAUSED_AFTER * 2

    assert await warn_of_failing(database) == 1

    assert (await the_connection(database, supplied)).state is ConnectionState.PAUSED
    assert len(await notices(database)) == 1


async def test_one_success_starts_the_time_anew(
    database: Database,
    hub: Hub,
    outbound: Outbound,
    receiving: Receiving,
    supplied: Supplied,
    clock: RealClock,
) -> None:
    receiving.inbox.fail_first, receiving.inbox.fail_status = 1, 500
    await happen(database, supplied.supplier)
    await a_courier(database, hub, outbound).drain()

    connection = await the_connection(database, supplied)
    assert (connection.failing_since, connection.consecutive_failures) == (None, 0)
    clock.ahead = PAUSED_AFTER * 2
    assert await warn_of_failing(database) == 0


async def test_a_pause_loses_nothing_and_resuming_starts_the_time_anew(
    database: Database, hub: Hub, outbound: Outbound, clock: RealClock
) -> None:
    supplied = await failing(database, hub, outbound)
    clock.ahead = PAUSED_AFTER
    await warn_of_failing(database)
    await happen(database, supplied.supplier)
    assert [row.state for row in await deliveries(database)] == [
        DeliveryState.RETRYING,
        DeliveryState.QUEUED,
    ]

    connection = await the_connection(database, supplied)
    command = ResumeConnection(connection_id=connection.id)
    async with database.unit_of_work(supplied.admin.actor.signature()) as work:
        await resume_connection(work, supplied.admin.actor, command)

    connection = await the_connection(database, supplied)
    assert (connection.state, connection.failing_since) == (ConnectionState.ACTIVE, None)
    assert await warn_of_failing(database) == 0
