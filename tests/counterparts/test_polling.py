"""What changed in Kinto is asked for, and stands on the pilot as a note, once."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest_asyncio
from sqlalchemy import select

from innohub.db.unit_of_work import Database
from innohub.hub.connectors.contract import stream_key
from innohub.hub.inbound.models import InboundPoll, SupplierNote
from innohub.hub.inbound.polling import LEASE, Poller
from innohub.hub.models import Connection
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub
from innohub.market.pilots.models import Pilot
from tests.counterparts.kinto import Kinto
from tests.factories import the_force
from tests.hub.scene import RealClock, Supplied, a_connection, a_courier, happen
from tests.web.shelf import a_listing, a_pilot


@dataclass
class Asked:
    kinto: Kinto
    collection: str
    supplied: Supplied
    pilot: Pilot
    database: Database
    hub: Hub
    outbound: Outbound

    @property
    def key(self) -> str:
        return stream_key(self.supplied.supplier.id, f"pilot/{self.pilot.id}")

    async def say(self, **data: str) -> None:
        told = {f"their_{name}": value for name, value in data.items()}
        await self.kinto.put(self.collection, self.key, revision=1, **told)

    async def ask(self) -> int:
        return await Poller(self.database, self.hub, self.outbound).run_due()

    async def ask_again(self) -> int:
        """As after ten minutes; Kinto's clock, which stamps the records, does not go with ours."""
        async with self.database.session() as session, session.begin():
            state = (await session.scalars(select(InboundPoll))).one()
            assert state.next_at - self.database.clock() > timedelta(minutes=9)
            state.next_at = self.database.clock()
        return await self.ask()

    async def lead_to(self, endpoint: str) -> None:
        async with self.database.session() as session, session.begin():
            connection = await session.get_one(Connection, self.supplied.connection.id)
            connection.config = {"endpoint": endpoint}

    async def notes(self) -> list[tuple[str | None, str | None, str | None]]:
        found = select(SupplierNote).where(SupplierNote.pilot_id == self.pilot.id)
        async with self.database.session() as session:
            rows = await session.scalars(found.order_by(SupplierNote.id))
            return [(row.status, row.body, row.by_name) for row in rows]

    async def state(self) -> InboundPoll:
        async with self.database.session() as session:
            return (await session.scalars(select(InboundPoll))).one()


@pytest_asyncio.fixture
async def asked(kinto: Kinto, database: Database, hub: Hub, outbound: Outbound) -> Asked:
    collection = await kinto.collection(uuid4().hex)
    config = {"endpoint": collection}
    supplied = await a_connection(
        database, hub, collection, connector="kinto", config=config, secrets={}
    )
    listing = await a_listing(database, supplier=supplied.supplier)
    pilot = await a_pilot(database, listing, await the_force(database))
    await happen(database, supplied.supplier, f"pilot/{pilot.id}")
    await a_courier(database, hub, outbound).drain()
    return Asked(kinto, collection, supplied, pilot, database, hub, outbound)


async def test_what_they_changed_is_noted_once(asked: Asked) -> None:
    await asked.say(status="In progress", comment="Shipped.", person="Ada")
    for number in range(4):
        # Theirs, and of no pilot: in pages of their own.
        await asked.kinto.put(asked.collection, f"other-{number}", their_status="Open")
    assert await asked.ask() == 1
    assert await asked.ask() == 0, "not before ten minutes"
    assert await asked.ask_again() == 1
    assert await asked.notes() == [("In progress", "Shipped.", "Ada")]

    await asked.say(status="Done")
    await asked.ask_again()
    assert [status for status, _, _ in await asked.notes()] == ["In progress", "Done"]


async def test_comments_are_noted_by_their_id_of_the_record_and_make_no_status_new(
    asked: Asked,
) -> None:
    await asked.say(status="Open")
    await asked.ask()
    for about in (asked.key, "somebody else's", stream_key(asked.supplied.supplier.id, "pilot/0")):
        told = {"about": about, "words": "Shipped.", "person": "Ada"}
        await asked.kinto.put(asked.collection, uuid4().hex, **told)
    await asked.ask_again()
    # Written by us meanwhile, with the status that it had.
    await asked.say(status="Open")
    await asked.ask_again()
    assert await asked.notes() == [("Open", None, None), (None, "Shipped.", "Ada")]


async def test_two_workers_ask_once(asked: Asked) -> None:
    await asked.say(status="Open")
    assert sorted(await asyncio.gather(asked.ask(), asked.ask())) == [0, 1]
    assert len(await asked.notes()) == 1


async def test_a_round_that_failed_is_asked_for_again_from_where_it_began(
    asked: Asked, clock: RealClock
) -> None:
    await asked.say(status="Open")
    await asked.lead_to("http://127.0.0.1:9/nothing")
    before = asked.supplied.connection.created_at
    await asked.ask()
    failed = await asked.state()
    assert (failed.tries, failed.since) == (1, before)
    assert "cannot be reached" in (failed.detail or "")

    await asked.lead_to(asked.collection)
    clock.pass_seconds(60 * 21)
    await asked.ask()
    mended = await asked.state()
    assert (mended.tries, mended.detail) == (0, None)
    assert mended.since > before
    assert len(await asked.notes()) == 1


async def test_a_round_that_a_worker_died_in_comes_back(asked: Asked, clock: RealClock) -> None:
    await asked.say(status="Open")
    poller = Poller(asked.database, asked.hub, asked.outbound)
    await poller._begin()
    assert len(await poller._claim()) == 1
    assert await asked.ask() == 0, "the dead worker's lease still holds"
    clock.pass_seconds(LEASE.total_seconds() + 1)
    assert await asked.ask() == 1
    assert len(await asked.notes()) == 1
