"""Records in Kinto, which judges every condition itself and keeps a history of what it took."""

from dataclasses import dataclass
from uuid import uuid4

import pytest_asyncio

from innohub.db.unit_of_work import Database
from innohub.hub.commands import ReplayDelivery
from innohub.hub.connectors.contract import OutcomeClass, stream_key
from innohub.hub.models import DeliveryState
from innohub.hub.service import replay_delivery
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub
from tests.counterparts.kinto import Kinto
from tests.hub.scene import (
    Supplied,
    a_connection,
    a_courier,
    attempts,
    deliveries,
    happen,
)

STREAM = "pilot/1"


@dataclass
class Kept:
    """A supplier whose connection leads to a collection of Kinto."""

    kinto: Kinto
    collection: str
    supplied: Supplied
    database: Database
    hub: Hub
    outbound: Outbound

    @property
    def key(self) -> str:
        return stream_key(self.supplied.supplier.id, STREAM)

    async def happen(self, times: int = 1) -> None:
        await happen(self.database, self.supplied.supplier, STREAM, times)

    async def deliver(self) -> int:
        return await a_courier(self.database, self.hub, self.outbound).drain()

    async def written(self) -> list[tuple[str, int]]:
        """What the witness saw, in order: the action, and the revision it left."""
        history = await self.kinto.history(self.collection)
        return [(each["action"], each["data"].get("revision")) for each in history]

    async def replay(self, seq: int) -> None:
        again = next(each for each in await deliveries(self.database) if each.seq == seq)
        async with self.database.unit_of_work(self.supplied.admin.actor.signature()) as work:
            command = ReplayDelivery(delivery_id=again.id)
            await replay_delivery(work, self.supplied.admin.actor, command)

    async def states(self) -> list[DeliveryState]:
        return [delivery.state for delivery in await deliveries(self.database)]


@pytest_asyncio.fixture
async def kept(kinto: Kinto, database: Database, hub: Hub, outbound: Outbound) -> Kept:
    collection = await kinto.collection(uuid4().hex)
    supplied = await a_connection(
        database, hub, collection, connector="kinto", config={"endpoint": collection}, secrets={}
    )
    return Kept(kinto, collection, supplied, database, hub, outbound)


async def test_a_stream_is_one_record_with_the_newest_revision(kept: Kept) -> None:
    await kept.happen(times=3)

    await kept.deliver()

    assert await kept.written() == [("create", 1), ("update", 2), ("update", 3)]
    [record] = await kept.kinto.records(kept.collection)
    assert (record["id"], record["revision"]) == (kept.key, 3)
    assert {delivery.remote_id for delivery in await deliveries(kept.database)} == {kept.key}


async def test_what_their_people_changed_is_written_over_and_seen_first(kept: Kept) -> None:
    await kept.happen()
    await kept.deliver()
    await kept.kinto.put(kept.collection, kept.key, revision=1, note="Ours now")

    await kept.happen()
    await kept.deliver()

    assert await kept.written() == [("create", 1), ("update", 1), ("update", 2)]
    conflict, seen, taken = (await attempts(kept.database))[-3:]
    assert (conflict.status, conflict.outcome) == (412, OutcomeClass.CONFLICT)
    assert (seen.status, taken.status, taken.outcome) == (200, 200, OutcomeClass.OK)


async def test_a_record_that_they_deleted_is_made_again(kept: Kept) -> None:
    await kept.happen()
    await kept.deliver()
    await kept.kinto.delete(kept.collection, kept.key)

    await kept.happen()
    await kept.deliver()

    assert [action for action, _ in await kept.written()] == ["create", "delete", "create"]
    [record] = await kept.kinto.records(kept.collection)
    assert record["revision"] == 2


async def test_a_write_whose_answer_was_lost_is_not_made_twice(kept: Kept) -> None:
    await kept.happen()
    # What a worker does that dies between the answer and its settlement.
    await kept.kinto.put(kept.collection, kept.key, revision=1, note="as we wrote it")

    await kept.deliver()

    assert await kept.written() == [("create", 1)]
    [delivery] = await deliveries(kept.database)
    assert delivery.state is DeliveryState.DELIVERED
    assert delivery.detail == "The system holds revision 1 already."
    # What was read back is remembered: the next write names the version that is there.
    await kept.happen()
    await kept.deliver()
    assert await kept.written() == [("create", 1), ("update", 2)]
    assert [each.status for each in await attempts(kept.database)] == [412, 200, 200]


async def test_an_older_revision_never_goes_over_a_newer_one(kept: Kept) -> None:
    await kept.happen()
    await kept.deliver()
    # Another hub's worker, or ours from a backup, was further than our database says.
    await kept.kinto.put(kept.collection, kept.key, revision=7)

    await kept.happen()
    await kept.deliver()

    assert await kept.written() == [("create", 1), ("update", 7)]
    assert await kept.states() == [DeliveryState.DELIVERED] * 2


async def test_replaying_an_old_event_leaves_the_newer_record_alone(kept: Kept) -> None:
    await kept.happen(times=2)
    await kept.deliver()

    await kept.replay(1)
    await kept.deliver()

    assert await kept.written() == [("create", 1), ("update", 2)]
    again = (await deliveries(kept.database))[-1]
    assert again.state is DeliveryState.DELIVERED
    assert again.detail == "The system holds revision 2 already. Nothing was sent."


async def test_replaying_the_newest_event_writes_it_again(kept: Kept) -> None:
    await kept.happen(times=2)
    await kept.deliver()
    await kept.kinto.delete(kept.collection, kept.key)

    await kept.replay(2)
    await kept.deliver()

    assert (await kept.written())[-1] == ("create", 2)


async def test_a_record_that_is_refused_says_why_in_their_words(kept: Kept) -> None:
    choosy = await kept.kinto.collection(
        "choosy", schema={"type": "object", "required": ["colour"]}
    )
    supplied = await a_connection(
        kept.database,
        kept.hub,
        choosy,
        connector="kinto",
        config={"endpoint": choosy},
        secrets={},
    )
    await happen(kept.database, supplied.supplier, STREAM)
    await kept.deliver()

    [refused] = await deliveries(kept.database)
    assert refused.state is DeliveryState.DEAD_LETTER
    assert refused.detail == "The system answered 400: 'colour' is a required property"
    assert await kept.kinto.records(choosy) == []
