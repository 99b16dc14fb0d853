"""Both sides compared, with Kinto as theirs: each way to differ is found and mended, and then
nothing differs."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import delete, select, update

from innohub.db.unit_of_work import Database
from innohub.errors import WrongState
from innohub.hub.commands import ReconcileConnection
from innohub.hub.connectors.contract import external_key, stream_key
from innohub.hub.models import Delivery, RemoteRecord
from innohub.hub.reconcile import running, steps
from innohub.hub.reconcile.ending import counts
from innohub.hub.reconcile.models import Discrepancy, Kind, Mend, Reconciliation, RunState
from innohub.hub.reconcile.running import Reconciler
from innohub.hub.reconcile.service import reconcile_connection
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub
from innohub.notices.models import Notice
from innohub.outbox.models import AuditEntry, Event
from tests.counterparts.kinto import Kinto
from tests.hub.scene import RealClock, Supplied, a_connection, a_courier, deliveries, happen

STREAMS = ("pilot/1", "pilot/2", "pilot/3")
CLEAN = dict.fromkeys((kind.value for kind in Kind), 0)


@dataclass
class Two:
    """Both sides of a connection: ours, and a collection of Kinto."""

    kinto: Kinto
    collection: str
    supplied: Supplied
    database: Database
    hub: Hub
    outbound: Outbound

    def key(self, stream: str) -> str:
        return stream_key(self.supplied.supplier.id, stream)

    async def fill(self, *streams: str, times: int = 2) -> None:
        """Let events happen in each stream, and deliver them."""
        for stream in streams or STREAMS:
            await happen(self.database, self.supplied.supplier, stream, times)
        await self.deliver()

    async def deliver(self) -> None:
        await a_courier(self.database, self.hub, self.outbound).drain()

    async def ask(self, *, dry_run: bool = False) -> Reconciliation:
        actor = self.supplied.admin.actor
        command = ReconcileConnection(connection_id=self.supplied.connection.id, dry_run=dry_run)
        async with self.database.unit_of_work(actor.signature()) as work:
            return await reconcile_connection(work, actor, command, hub=self.hub)

    def reconciler(self) -> Reconciler:
        return Reconciler(self.database, self.hub, self.outbound)

    async def compare(self, *, dry_run: bool = False) -> Reconciliation:
        """Compare, and deliver what was lined up."""
        asked = await self.ask(dry_run=dry_run)
        await self.reconciler().run_due()
        await self.deliver()
        return await self.run(asked.id)

    async def run(self, run_id: int) -> Reconciliation:
        async with self.database.session() as session:
            return await session.get_one(Reconciliation, run_id)

    async def lines(self, run: Reconciliation) -> list[Discrepancy]:
        found = select(Discrepancy).where(Discrepancy.reconciliation_id == run.id)
        async with self.database.session() as session:
            return list(await session.scalars(found.order_by(Discrepancy.id)))

    async def held(self) -> dict[str, Any]:
        """The revision of each record there."""
        records = await self.kinto.records(self.collection)
        return {record["id"]: record.get("revision") for record in records}

    async def remembered(self) -> dict[str, int | None]:
        found = select(RemoteRecord.record_key, RemoteRecord.revision)
        async with self.database.session() as session:
            return dict((await session.execute(found)).all())


async def both(
    kinto: Kinto, database: Database, hub: Hub, outbound: Outbound, connector: str
) -> Two:
    collection = await kinto.collection(uuid4().hex)
    config = {"endpoint": collection}
    supplied = await a_connection(
        database, hub, collection, connector=connector, config=config, secrets={}
    )
    return Two(kinto, collection, supplied, database, hub, outbound)


@pytest_asyncio.fixture
async def two(kinto: Kinto, database: Database, hub: Hub, outbound: Outbound) -> Two:
    return await both(kinto, database, hub, outbound, "kinto")


@pytest_asyncio.fixture
async def by_lookup(kinto: Kinto, database: Database, hub: Hub, outbound: Outbound) -> Two:
    return await both(kinto, database, hub, outbound, "kinto_lookup")


def found(run: Reconciliation, **expected: int) -> None:
    assert (run.state, run.detail) == (RunState.DONE, None)
    assert counts(run) == CLEAN | expected


async def test_sides_that_agree_show_nothing(two: Two) -> None:
    await two.fill()
    run = await two.compare()
    found(run)
    assert (run.listed, run.same, run.moving, run.mended) == (3, 3, 0, 0)
    assert await two.lines(run) == []


async def test_a_record_they_lost_is_made_again_and_people_are_told(two: Two) -> None:
    await two.fill()
    await two.kinto.delete(two.collection, two.key("pilot/2"))

    run = await two.compare()

    found(run, missing=1)
    [line] = await two.lines(run)
    assert (line.kind, line.mend, line.stream) == (Kind.MISSING, Mend.LINED_UP, "pilot/2")
    assert await two.held() == {two.key(stream): 2 for stream in STREAMS}
    async with two.database.session() as session:
        notice = (await session.scalars(select(Notice))).one()
        event = (await session.scalars(select(Event).where(Event.type.like("connector.%")))).one()
        told = select(AuditEntry).where(AuditEntry.action == "reconciliation:end")
        entry = (await session.scalars(told)).one()
    assert notice.path == f"/integrations/{two.supplied.connection.id}/reconcile"
    assert "1 record was gone" in notice.text
    assert (event.type, event.payload["missing"], event.payload["mended"]) == (
        "connector.reconciled",
        1,
        1,
    )
    assert (entry.detail["missing"], entry.detail["mended"]) == (1, 1)
    found(await two.compare())


async def test_a_record_they_rolled_back_is_written_over(two: Two) -> None:
    await two.fill()
    await two.kinto.put(two.collection, two.key("pilot/1"), revision=1)

    run = await two.compare()

    found(run, stale=1)
    [line] = await two.lines(run)
    assert (line.our_revision, line.their_revision) == (2, 1)
    assert (await two.held())[two.key("pilot/1")] == 2
    found(await two.compare())


async def test_a_record_they_changed_is_found_by_its_hash(two: Two) -> None:
    await two.fill()
    before = await two.kinto.records(two.collection)
    await two.kinto.put(two.collection, two.key("pilot/3"), revision=2, payload="theirs")

    run = await two.compare()

    found(run, stale=1)
    after = await two.kinto.records(two.collection)

    def facts(records: list[dict[str, Any]]) -> dict[str, Mapping[str, Any]]:
        return {each["id"]: each | {"last_modified": 0} for each in records}

    assert facts(after) == facts(before)
    found(await two.compare())


async def test_a_newer_record_of_theirs_is_adopted_and_not_written_over(two: Two) -> None:
    await two.fill()
    await two.kinto.put(two.collection, two.key("pilot/1"), revision=9, payload="later")

    run = await two.compare()

    found(run, ahead=1)
    assert [line.mend for line in await two.lines(run)] == [Mend.ADOPTED]
    assert (await two.held())[two.key("pilot/1")] == 9
    assert (await two.remembered())[two.key("pilot/1")] == 9
    found(await two.compare())


async def test_what_a_backup_of_ours_forgot_is_taken_up_as_it_stands(two: Two) -> None:
    await two.fill()
    async with two.database.session() as session, session.begin():
        await session.execute(
            delete(RemoteRecord).where(RemoteRecord.record_key == two.key("pilot/1"))
        )

    run = await two.compare()

    found(run, ahead=1)
    assert await two.remembered() == {two.key(stream): 2 for stream in STREAMS}
    found(await two.compare())
    # It is known with its version: the next write replaces just that.
    await two.fill("pilot/1", times=1)
    assert (await two.held())[two.key("pilot/1")] == 3


async def test_foreign_records_are_told_and_left_alone(two: Two) -> None:
    await two.fill()
    stranger = external_key(two.supplied.supplier.id + 1, "pilot/1", 1)
    await two.kinto.put(two.collection, stranger, revision=1)
    await two.kinto.put(two.collection, "our-own-record", colour="blue")

    run = await two.compare()

    found(run, foreign=2)
    lines = {line.remote_id: line for line in await two.lines(run)}
    assert {line.mend for line in lines.values()} == {Mend.NONE}
    assert lines["our-own-record"].record_key is None
    assert lines[stranger].record_key == stranger
    assert len(await two.held()) == 5


async def test_a_second_record_of_one_key_is_retired(by_lookup: Two) -> None:
    two = by_lookup
    await two.fill()
    [first] = [
        each
        for each in await two.kinto.records(two.collection)
        if each["key"] == two.key("pilot/2")
    ]
    # As two hubs at once make it, or a search that lagged.
    await two.kinto.put(two.collection, "twin", key=two.key("pilot/2"), revision=2)

    run = await two.compare()

    found(run, duplicate=1)
    [line] = await two.lines(run)
    assert (line.mend, line.remote_id, run.mended) == (Mend.RETIRED, "twin", 1)
    assert first["id"] in await two.held()
    assert len(await two.held()) == 3
    found(await two.compare())
    await two.fill("pilot/2", times=1)
    assert sorted((await two.held()).values()) == [2, 2, 3]


async def test_a_lost_record_is_looked_up_and_made_again_by_a_connector_without_keys(
    by_lookup: Two,
) -> None:
    two = by_lookup
    await two.fill()
    [lost] = [
        each["id"]
        for each in await two.kinto.records(two.collection)
        if each["key"] == two.key("pilot/1")
    ]
    await two.kinto.delete(two.collection, lost)
    found(await two.compare(), missing=1)
    assert sorted((await two.held()).values()) == [2, 2, 2]
    found(await two.compare())


async def test_a_dry_run_counts_and_changes_nothing(two: Two) -> None:
    await two.fill()
    await two.kinto.delete(two.collection, two.key("pilot/1"))
    await two.kinto.put(two.collection, two.key("pilot/2"), revision=1)
    await two.kinto.put(two.collection, two.key("pilot/3"), revision=5)
    before = await two.kinto.history(two.collection)

    run = await two.compare(dry_run=True)

    found(run, missing=1, stale=1, ahead=1)
    assert run.mended == 0
    assert {line.mend for line in await two.lines(run)} == {Mend.NONE}
    assert await two.kinto.history(two.collection) == before
    assert len(await deliveries(two.database)) == 6
    found(await two.compare(), missing=1, stale=1, ahead=1)
    found(await two.compare())


async def test_a_connector_without_a_listing_is_compared_record_by_record(two: Two) -> None:
    connector = two.hub.registry.get("kinto")
    blind = connector.manifest.model_copy(update={"listing": None})
    object.__setattr__(connector, "manifest", blind)
    await two.fill()
    await two.kinto.delete(two.collection, two.key("pilot/1"))
    await two.kinto.put(two.collection, two.key("pilot/2"), revision=1)
    await two.kinto.put(two.collection, two.key("pilot/3"), revision=5)
    await two.kinto.put(two.collection, "our-own-record", colour="blue")

    run = await two.compare()

    found(run, missing=1, stale=1, ahead=1)
    assert run.listed == 2
    found(await two.compare())


async def test_what_is_on_its_way_is_left_to_the_next_run(two: Two) -> None:
    await two.fill()
    await two.kinto.delete(two.collection, two.key("pilot/1"))
    await happen(two.database, two.supplied.supplier, "pilot/1")

    asked = await two.ask()
    await two.reconciler().run_due()

    run = await two.run(asked.id)
    found(run)
    assert (run.same, run.moving) == (2, 1)
    await two.deliver()
    assert (await two.held())[two.key("pilot/1")] == 3


async def test_mending_keeps_the_order_of_the_stream(two: Two) -> None:
    await two.fill()
    await two.kinto.delete(two.collection, two.key("pilot/1"))
    await two.ask()
    await two.reconciler().run_due()
    await happen(two.database, two.supplied.supplier, "pilot/1")
    await two.deliver()

    history = await two.kinto.history(two.collection)
    of_it = [each["data"].get("revision") for each in history if each["id"] == two.key("pilot/1")]
    assert of_it[-2:] == [2, 3]


async def test_two_who_ask_at_once_make_one_run(two: Two) -> None:
    await two.fill()
    asked = await asyncio.gather(*(two.ask() for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(each, Reconciliation) for each in asked) == 1
    assert sum(isinstance(each, WrongState) for each in asked) == 3


async def test_two_workers_share_a_run_and_do_nothing_twice(two: Two) -> None:
    await two.fill()
    await two.kinto.delete(two.collection, two.key("pilot/1"))
    asked = await two.ask()
    await asyncio.gather(two.reconciler().run_due(), two.reconciler().run_due())
    found(await two.run(asked.id), missing=1)
    assert len(await deliveries(two.database)) == 7


@pytest.mark.parametrize("survived", range(1, 6))
async def test_a_run_goes_on_where_a_worker_died(
    two: Two, clock: RealClock, monkeypatch: pytest.MonkeyPatch, survived: int
) -> None:
    await two.fill()
    await two.kinto.delete(two.collection, two.key("pilot/1"))
    asked = await two.ask()
    left = survived

    async def dying(bench: steps.Bench) -> bool:
        nonlocal left
        more = await steps.step(bench)
        left -= 1
        if left == 0:
            raise asyncio.CancelledError
        return more

    monkeypatch.setattr(running, "step", dying)
    task = asyncio.create_task(two.reconciler().run_due())
    await asyncio.wait([task])
    assert task.cancelled()
    assert (await two.run(asked.id)).state is RunState.RUNNING
    monkeypatch.setattr(running, "step", steps.step)

    assert await two.reconciler().run_due() == 0, "the dead worker's lease still holds"
    clock.pass_seconds(121)
    assert await two.reconciler().run_due() == 1

    run = await two.run(asked.id)
    found(run, missing=1)
    assert (run.listed, run.same, len(await deliveries(two.database))) == (2, 2, 7)


async def test_a_worker_that_stalled_past_its_lease_changes_nothing(
    two: Two, clock: RealClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await two.fill()
    await two.kinto.delete(two.collection, two.key("pilot/1"))
    asked = await two.ask()
    stalled, go_on = asyncio.Event(), asyncio.Event()

    async def stalling(bench: steps.Bench) -> bool:
        if not stalled.is_set():
            stalled.set()
            await go_on.wait()
        return await steps.step(bench)

    monkeypatch.setattr(running, "step", stalling)
    late = asyncio.create_task(two.reconciler().run_due())
    await stalled.wait()
    clock.pass_seconds(121)
    await two.reconciler().run_due()
    go_on.set()
    await late

    run = await two.run(asked.id)
    found(run, missing=1)
    assert (run.listed, len(await deliveries(two.database))) == (2, 7)


async def test_a_thousand_pages_are_read_in_turns(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "TURN_SECONDS", 0.0)
    await two.fill()
    asked = await two.ask()
    assert await two.reconciler().run_due() > 1
    found(await two.run(asked.id))


async def test_a_system_that_is_away_is_asked_again_and_then_given_up(
    two: Two, clock: RealClock
) -> None:
    await two.fill()
    async with two.database.session() as session, session.begin():
        connection = await session.merge(two.supplied.connection)
        connection.config = {"endpoint": "http://127.0.0.1:9/nothing"}
    asked = await two.ask()
    for _ in range(running.MOST_TRIES):
        await two.reconciler().run_due()
        clock.pass_seconds(600)
    run = await two.run(asked.id)
    assert run.state is RunState.FAILED
    assert run.detail is not None
    assert "cannot be reached" in run.detail
    assert await two.remembered() == {two.key(stream): 2 for stream in STREAMS}


async def test_a_record_without_any_event_left_is_told_and_kept_in_mind(two: Two) -> None:
    await two.fill("pilot/1")
    await two.kinto.delete(two.collection, two.key("pilot/1"))
    async with two.database.session() as session, session.begin():
        await session.execute(update(Delivery).values(state="skipped_by_policy"))

    run = await two.compare()

    found(run, missing=1)
    [line] = await two.lines(run)
    assert (line.mend, run.mended) == (Mend.NONE, 0)
    assert await two.remembered() == {two.key("pilot/1"): 2}
