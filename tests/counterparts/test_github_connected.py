"""A connection to GitHub as a supplier makes it, carried by the whole hub: the app's key, its
tokens, the pace that GitHub asks for, one issue for a pilot."""

from uuid import uuid4

from innohub.db.unit_of_work import Database
from innohub.hub.connectors.contract import stream_key
from innohub.hub.models import DeliveryState
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub
from tests.counterparts.github import INSTALLATION, OWNER, REPOSITORY, GitHub, a_github
from tests.hub.keys import rsa_pair
from tests.hub.scene import (
    RealClock,
    Supplied,
    a_connection,
    a_courier,
    attempts,
    deliveries,
    happen,
    the_connection,
)


async def connected(database: Database, hub: Hub, github: GitHub) -> Supplied:
    return await a_connection(
        database,
        hub,
        github.url,
        connector="github",
        name=uuid4().hex,
        config={
            "endpoint": github.url,
            "owner": OWNER,
            "repository": REPOSITORY,
            "app_id": "Iv23liExample",
            "installation": INSTALLATION,
        },
        secrets={"private_key": github.pair.key_pem},
    )


async def test_a_pilot_is_one_issue_written_at_the_pace_that_they_ask_for(
    database: Database, hub: Hub, outbound: Outbound, clock: RealClock
) -> None:
    async with a_github(rsa_pair()) as github:
        supplied = await connected(database, hub, github)
        await happen(database, supplied.supplier, "pilot/1", times=2)
        courier = a_courier(database, hub, outbound)
        clock.stand_still()

        await courier.drain()

        # After each write a second goes by for the whole connection.
        first, second = await deliveries(database)
        assert (first.state, second.state) == (DeliveryState.DELIVERED, DeliveryState.QUEUED)
        assert (await the_connection(database, supplied)).paused_until > clock()
        clock.pass_seconds(1.5)
        await courier.drain()

        key = stream_key(supplied.supplier.id, "pilot/1")
        [issue] = github.held.values()
        assert issue.labels == ["innohub", key]
        assert issue.text.startswith(f"<!-- innohub {key} revision 2 -->")
        assert [each.status for each in await attempts(database)] == [200, 201, 200]
        assert len(github.claims) == 1, "one token for all"


async def test_their_hourly_limit_pauses_the_connection_and_loses_nothing(
    database: Database, hub: Hub, outbound: Outbound, clock: RealClock
) -> None:
    async with a_github(rsa_pair()) as github:
        supplied = await connected(database, hub, github)
        await happen(database, supplied.supplier, "pilot/1")
        github.left = 0
        courier = a_courier(database, hub, outbound)
        await courier.drain()
        [delivery] = await deliveries(database)
        assert delivery.state is DeliveryState.RETRYING

        # The hour is over.
        github.left = 1_000
        clock.pass_seconds(1_201)
        await courier.drain()

        [delivery] = await deliveries(database)
        assert delivery.state is DeliveryState.DELIVERED
        assert len(github.held) == 1
