"""Issues in Roundup, which knows no key of ours: looked up, made, edited under their version."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from innohub.db.unit_of_work import Database
from innohub.hub.connectors.contract import OutcomeClass, stream_key
from innohub.hub.models import DeliveryState
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub
from tests.counterparts.roundup.tracker import Mint, Tracker, Wire, a_tracker, a_wire
from tests.hub.scene import (
    Supplied,
    a_connection,
    a_courier,
    attempts,
    deliveries,
    happen,
    served,
    the_connection,
)

STREAM = "pilot/1"


@pytest.fixture(scope="module")
def tracker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tracker]:
    with a_tracker(tmp_path_factory.mktemp("roundup")) as tracker:
        yield tracker


@dataclass
class Tracked:
    """A supplier whose connection leads to the tracker."""

    tracker: Tracker
    wire: Wire
    mint: Mint
    supplied: Supplied
    database: Database
    hub: Hub
    outbound: Outbound

    @property
    def key(self) -> str:
        return stream_key(self.supplied.supplier.id, STREAM)

    async def happen(self, times: int = 1) -> None:
        await happen(self.database, self.supplied.supplier, STREAM, times)

    async def deliver(self) -> None:
        await a_courier(self.database, self.hub, self.outbound).drain()

    async def the_issue(self) -> str:
        [issue] = await self.tracker.issues(self.key)
        return str(issue["id"])

    async def statuses(self) -> list[int | None]:
        return [each.status for each in await attempts(self.database)]


@pytest_asyncio.fixture
async def tracked(
    tracker: Tracker, database: Database, hub: Hub, outbound: Outbound
) -> AsyncIterator[Tracked]:
    mint = Mint(tracker)
    async with a_wire(tracker) as wire, served(mint.app()) as tokens:
        supplied = await a_connection(
            database,
            hub,
            tracker.address,
            connector="roundup",
            config={
                "endpoint": tracker.address,
                "token_url": f"{tokens}/token",
                "client_id": "innohub",
            },
        )
        yield Tracked(tracker, wire, mint, supplied, database, hub, outbound)


async def test_a_pilot_is_one_issue_with_every_revision_in_order(tracked: Tracked) -> None:
    await tracked.happen(times=3)
    await tracked.deliver()

    assert tracked.tracker.history(await tracked.the_issue()) == [1, 2, 3]
    [issue] = await tracked.tracker.issues(tracked.key)
    assert issue["title"] == "scene.happened number 3"
    assert {each.remote_id for each in await deliveries(tracked.database)} == {issue["id"]}


async def test_an_issue_whose_answer_was_lost_is_found_again_and_not_made_twice(
    tracked: Tracked,
) -> None:
    tracked.wire.losing.append(b"POST /rest")
    await tracked.happen(times=2)
    await tracked.deliver()

    assert tracked.wire.losing == []
    assert tracked.tracker.history(await tracked.the_issue()) == [1, 2]
    lost = (await attempts(tracked.database))[1]
    assert (lost.status, lost.outcome) == (None, OutcomeClass.UNKNOWN)


async def test_an_edit_whose_answer_was_lost_is_not_made_twice(tracked: Tracked) -> None:
    await tracked.happen()
    await tracked.deliver()

    tracked.wire.losing.append(b"PATCH /rest")
    await tracked.happen()
    await tracked.deliver()

    assert tracked.wire.losing == []
    assert tracked.tracker.history(await tracked.the_issue()) == [1, 2]
    last = (await deliveries(tracked.database))[-1]
    assert last.detail == "The system holds revision 2 already."


async def test_an_edit_of_theirs_between_look_and_write_is_seen_and_kept(tracked: Tracked) -> None:
    await tracked.happen()
    await tracked.deliver()
    number = await tracked.the_issue()
    await tracked.tracker.change(number, assignedto="1")

    await tracked.happen()
    await tracked.deliver()

    assert tracked.tracker.history(number) == [1, 2]
    issue = await tracked.tracker.ask("GET", f"issue/{number}")
    assert issue["attributes"]["assignedto"]["id"] == "1"


async def test_an_older_revision_never_goes_over_a_newer_one(tracked: Tracked) -> None:
    number = await tracked.tracker.create(
        title="as a later worker made it", innohub_key=tracked.key, innohub_revision=7
    )
    await tracked.happen()
    await tracked.deliver()

    assert tracked.tracker.history(number) == [7]
    assert await tracked.statuses() == [200, 200]


async def test_doubles_are_told_with_the_delivery_and_not_added_to(tracked: Tracked) -> None:
    for _ in range(2):
        await tracked.tracker.create(title="made by hand", innohub_key=tracked.key)

    await tracked.happen()
    await tracked.deliver()

    assert len(await tracked.tracker.issues(tracked.key)) == 2
    [delivery] = await deliveries(tracked.database)
    assert delivery.state is DeliveryState.DELIVERED
    assert delivery.detail == "The system answered 200. 2 of their records carry its key."


async def test_an_issue_that_they_retired_is_made_anew(tracked: Tracked) -> None:
    await tracked.happen()
    await tracked.deliver()
    await tracked.tracker.retire(await tracked.the_issue())

    await tracked.happen()
    await tracked.deliver()

    assert tracked.tracker.history(await tracked.the_issue()) == [2]


async def test_a_token_that_ran_out_before_its_time_is_replaced_once(tracked: Tracked) -> None:
    tracked.mint.lasting.append(-60)
    await tracked.happen()
    await tracked.deliver()

    assert tracked.mint.asked == 2
    assert tracked.tracker.history(await tracked.the_issue()) == [1]


async def test_the_trackers_own_limit_is_heeded(
    tmp_path_factory: pytest.TempPathFactory, database: Database, hub: Hub, outbound: Outbound
) -> None:
    with a_tracker(tmp_path_factory.mktemp("limited"), calls_a_minute=4) as tracker:
        mint = Mint(tracker)
        async with a_wire(tracker), served(mint.app()) as tokens:
            config = {
                "endpoint": tracker.address,
                "token_url": f"{tokens}/token",
                "client_id": "innohub",
            }
            supplied = await a_connection(
                database, hub, tracker.address, connector="roundup", config=config
            )
            await happen(database, supplied.supplier, STREAM, times=3)
            await a_courier(database, hub, outbound).drain()

            connection = await the_connection(database, supplied)
            assert connection.paused_until is not None
            assert [each.status for each in await attempts(database)] == [200, 201, 200, 200, 429]
            assert [each.state for each in await deliveries(database)] == [
                DeliveryState.DELIVERED,
                DeliveryState.RETRYING,
                DeliveryState.QUEUED,
            ]
