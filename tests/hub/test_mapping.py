"""How events become records of theirs, as each supplier wants it for each connection."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from sqlalchemy import select, update

from innohub.db.unit_of_work import Database
from innohub.errors import Conflict, Denied, Invalid, NotFound, WrongState
from innohub.hub.commands import MapConnection, PreviewMapping, RestoreMapping
from innohub.hub.connectors.expressions import Expression
from innohub.hub.mapping import ConnectionMapping, mapping_of
from innohub.hub.mapping_changes import map_connection, restore_mapping
from innohub.hub.mapping_preview import EventShown, Preview, preview_mapping
from innohub.hub.models import Connection, ConnectionState, DeliveryState
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub
from innohub.identity.models import Role
from innohub.identity.viewer import Viewer
from innohub.outbox.models import AuditEntry, Event
from innohub.outbox.service import DomainEvent
from tests.factories import Somebody, a_supplier, somebody
from tests.hub.scene import (
    Receiving,
    SomethingElse,
    Supplied,
    a_connection,
    a_courier,
    attempts,
    deliveries,
    happen,
    the_connection,
)

HOSTILE = "event" + "|[@,@]" * 25
"""Doubles what it has 25 times over."""
Rows = list[dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class Piloted(DomainEvent):
    """An event with something to map."""

    type: ClassVar[str] = "scene.piloted"

    pilot_title: str = "Redaction"
    effect: float = 0.8


def field(name: str, expression: str = "") -> dict[str, str]:
    return {"name": name, "expression": expression}


async def mapped(
    database: Database,
    hub: Hub,
    supplied: Supplied,
    fields: Rows,
    *,
    by: Somebody | None = None,
    **further: Any,
) -> ConnectionMapping:
    actor = (by or supplied.admin).actor
    given = {"connection_id": supplied.connection.id, "fields": fields, **further}
    async with database.unit_of_work(actor.signature()) as work:
        return await map_connection(work, actor, MapConnection.parse(given), hub=hub)


async def restored(database: Database, supplied: Supplied, earlier: int) -> ConnectionMapping:
    actor = supplied.admin.actor
    command = RestoreMapping(connection_id=supplied.connection.id, earlier=earlier)
    async with database.unit_of_work(actor.signature()) as work:
        return await restore_mapping(work, actor, command)


async def previewed(
    database: Database,
    hub: Hub,
    supplied: Supplied,
    fields: Rows | None = None,
    *,
    by: Somebody | None = None,
) -> Preview:
    command = PreviewMapping.parse({"connection_id": supplied.connection.id, "fields": fields})
    async with database.session() as session:
        viewer = Viewer((by or supplied.admin).actor)
        return await preview_mapping(session, viewer, command, hub=hub)


def values(event: EventShown) -> dict[str, Any]:
    return {field.name: field.value for field in event.fields}


async def stored(database: Database, supplied: Supplied, fields: Rows) -> None:
    """As if it had been sound when it was saved."""
    async with database.session() as session, session.begin():
        session.add(
            ConnectionMapping(
                organisation_id=supplied.supplier.id,
                connection_id=supplied.connection.id,
                version=1,
                fields=fields,
                created_at=database.clock(),
            )
        )
        own = Connection.id == supplied.connection.id
        await session.execute(update(Connection).where(own).values(mapping_version=1))


async def test_events_are_sent_with_the_connections_own_fields_and_the_log_says_which(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving, supplied: Supplied
) -> None:
    await happen(database, supplied.supplier, kind=Piloted)
    await a_courier(database, hub, outbound).drain()
    await mapped(
        database,
        hub,
        supplied,
        [field("payload"), field("title", "join(' ', ['Pilot:', event.payload.pilot_title||'-'])")],
    )
    await happen(database, supplied.supplier, kind=Piloted)
    await a_courier(database, hub, outbound).drain()

    first, second = [event["data"] for event in receiving.inbox.events.values()]
    assert first["payload"] == {"pilot_title": "Redaction", "effect": 0.8}
    assert second.pop("external_key").startswith("ih-")
    assert second.pop("page") == "http://hub.test/pilots/1"
    wanted = {"stream": "pilot/1", "seq": 2, "schema_version": 1, "title": "Pilot: Redaction"}
    assert second == wanted
    assert [attempt.mapping_version for attempt in await attempts(database)] == [0, 1]


async def test_what_waits_is_sent_with_the_newest_version(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving, supplied: Supplied
) -> None:
    courier = a_courier(database, hub, outbound)
    await mapped(database, hub, supplied, [field("kind", "'old'")])
    await happen(database, supplied.supplier)
    await courier.drain()
    await happen(database, supplied.supplier)
    await mapped(database, hub, supplied, [field("kind", "'new'")])
    await courier.drain()
    sent = [event["data"]["kind"] for event in receiving.inbox.events.values()]
    assert sent == ["old", "new"]


async def test_going_back_makes_a_new_version(
    database: Database, hub: Hub, supplied: Supplied
) -> None:
    await mapped(database, hub, supplied, [field("kind", "'first'")], note="As agreed")
    await mapped(database, hub, supplied, [field("kind", "'second'")])
    again = await restored(database, supplied, earlier=1)
    assert (again.version, again.restores) == (3, 1)
    assert again.fields == [field("kind", "'first'")]
    own = await restored(database, supplied, earlier=0)
    assert (own.version, own.fields) == (4, [])
    with pytest.raises(NotFound, match="no such version"):
        await restored(database, supplied, earlier=9)
    async with database.session() as session:
        kept = (await session.scalars(select(ConnectionMapping.version))).all()
        connector = hub.registry.get("webhook")
        connection = await session.get_one(Connection, supplied.connection.id)
        now = await mapping_of(session, connection, connector)
    assert sorted(kept) == [1, 2, 3, 4]
    assert now == connector.mapping


async def test_the_mapping_of_a_connection_is_its_connectors_with_its_own_over_it(
    database: Database, hub: Hub, supplied: Supplied
) -> None:
    connector = hub.registry.get("webhook")
    async with database.session() as session:
        untouched = await mapping_of(session, supplied.connection, connector)
    assert untouched is connector.mapping
    await mapped(database, hub, supplied, [field("stream"), field("seq", "record.revision")])
    async with database.session() as session:
        connection = await session.get_one(Connection, supplied.connection.id)
        now = await mapping_of(session, connection, connector)
    assert now.body == connector.mapping.body
    assert now.fields == {
        "external_key": Expression("event.external_key"),
        "seq": Expression("record.revision"),
        "page": Expression("event.page"),
        "schema_version": Expression("event.schema_version"),
        "payload": Expression("event.payload"),
    }


async def test_what_the_connector_says_itself_and_blank_rows_are_not_kept(
    database: Database, hub: Hub, supplied: Supplied
) -> None:
    rows = [field("seq", "event.seq"), field(""), field(" kind ", " event.type ")]
    assert (await mapped(database, hub, supplied, rows)).fields == [field("kind", "event.type")]


@pytest.mark.parametrize(
    ("row", "at", "why"),
    [
        (field("title", "event.payload["), "expression", "not a JMESPath expression"),
        (field("title", "shout(event.type)"), "expression", "no function called shout"),
        (field("title"), "expression", "Enter an expression for the field title"),
        (field("", "event.type"), "name", "Enter the name of their field"),
        (field("stream", "event.type"), "name", "there twice"),
        (field("a\x07b", "event.type"), "name", "one line"),
        (field("title", HOSTILE), "expression", "takes too many steps"),
        (field("title", "sum(event.type)"), "expression", "has no answer for the example of"),
        (field("title", "x" * 1001), "expression", "at most 1000"),
    ],
)
async def test_a_field_that_cannot_be_sent_is_refused_at_its_row(
    database: Database, hub: Hub, supplied: Supplied, row: dict[str, str], at: str, why: str
) -> None:
    rows = [field("stream", "event.stream"), row]
    with pytest.raises(Invalid, match=why) as refused:
        await mapped(database, hub, supplied, rows)
    assert [problem.field for problem in refused.value.problems] == [f"fields.1.{at}"]
    assert (await the_connection(database, supplied)).mapping_version == 0


async def test_every_bad_row_is_told_at_once(
    database: Database, hub: Hub, supplied: Supplied
) -> None:
    rows = [field("a", "]"), field("b", "event.type"), field("c")]
    with pytest.raises(Invalid) as refused:
        await mapped(database, hub, supplied, rows)
    told = [problem.field for problem in refused.value.problems]
    assert told == ["fields.0.expression", "fields.2.expression"]


async def test_an_expression_without_an_answer_for_a_real_event_is_refused(
    database: Database, hub: Hub, supplied: Supplied
) -> None:
    await happen(database, supplied.supplier, kind=Piloted)
    unfit = [field("title", "event.payload.pilot_title && sum(event.payload.pilot_title)")]
    with pytest.raises(Invalid, match=r"no answer for scene\.piloted"):
        await mapped(database, hub, supplied, unfit)


async def test_whoever_saw_an_older_version_overwrites_nothing(
    database: Database, hub: Hub, supplied: Supplied
) -> None:
    await mapped(database, hub, supplied, [field("kind", "'first'")], version=0)
    with pytest.raises(Conflict, match="Somebody else changed this mapping"):
        await mapped(database, hub, supplied, [field("kind", "'late'")], version=0)
    await mapped(database, hub, supplied, [field("kind", "'next'")], version=1)


async def test_of_two_who_save_at_once_one_is_told(
    database: Database, hub: Hub, supplied: Supplied
) -> None:
    both = [mapped(database, hub, supplied, [field("kind", f"'{n}'")], version=0) for n in "ab"]
    ended = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(one).__name__ for one in ended) == ["Conflict", "ConnectionMapping"]


async def test_a_mapping_leaves_the_revision_of_the_settings_alone(
    database: Database, hub: Hub, supplied: Supplied
) -> None:
    await mapped(database, hub, supplied, [field("kind", "event.type")])
    now = await the_connection(database, supplied)
    assert (now.revision, now.mapping_version) == (supplied.connection.revision, 1)


async def test_the_trail_and_an_event_tell_of_each_version(
    database: Database, hub: Hub, supplied: Supplied
) -> None:
    fields = [field("kind", "event.type")]
    await mapped(database, hub, supplied, fields, note="For the new CRM")
    async with database.session() as session:
        entry = (
            await session.scalars(select(AuditEntry).where(AuditEntry.action == "connection:map"))
        ).one()
        event = (
            await session.scalars(select(Event).where(Event.type == "connector.mapping_changed"))
        ).one()
    assert entry.detail == {"version": 1, "fields": fields, "restores": None}
    assert (entry.reason, entry.object_id) == ("For the new CRM", supplied.connection.id)
    assert event.payload == {
        "connection_id": supplied.connection.id,
        "version": 1,
        "fields": ["kind"],
        "restores": None,
    }


async def test_only_the_suppliers_administrator_changes_it(
    database: Database, hub: Hub, supplied: Supplied
) -> None:
    viewer = await somebody(database, supplied.supplier, Role.SUPPLIER_VIEWER)
    rival = await somebody(database, await a_supplier(database), Role.SUPPLIER_ADMIN)
    rows = [field("kind", "event.type")]
    with pytest.raises(Denied):
        await mapped(database, hub, supplied, rows, by=viewer)
    with pytest.raises(NotFound):
        await mapped(database, hub, supplied, rows, by=rival)
    with pytest.raises(NotFound):
        await previewed(database, hub, supplied, by=rival)
    assert (await previewed(database, hub, supplied, by=viewer)).events


async def test_a_revoked_connection_is_not_mapped(
    database: Database, hub: Hub, supplied: Supplied
) -> None:
    async with database.session() as session, session.begin():
        own = Connection.id == supplied.connection.id
        await session.execute(update(Connection).where(own).values(state=ConnectionState.REVOKED))
    with pytest.raises(WrongState):
        await mapped(database, hub, supplied, [field("kind", "event.type")])


async def test_a_mapping_that_runs_out_of_its_budget_gives_its_event_up_and_disturbs_no_other_lane(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving, supplied: Supplied
) -> None:
    second = await a_connection(
        database, hub, receiving.url, admin=supplied.admin, name="Our tickets"
    )
    receiving.trust(second)
    await stored(database, supplied, [field(f"field{n}", HOSTILE) for n in range(100)])
    for stream in ("pilot/1", "pilot/2", "pilot/3"):
        await happen(database, supplied.supplier, stream)

    began = time.monotonic()
    await a_courier(database, hub, outbound).drain()

    by_connection: dict[int, list[Any]] = {supplied.connection.id: [], second.connection.id: []}
    for delivery in await deliveries(database):
        by_connection[delivery.connection_id].append(delivery)
    given_up = by_connection[supplied.connection.id]
    assert {one.state for one in given_up} == {DeliveryState.DEAD_LETTER}
    told = "The field field0: the expression takes too many steps."
    assert {one.detail for one in given_up} == {told}
    logged = [one for one in await attempts(database) if one.delivery_id == given_up[0].id]
    assert [(one.detail, one.status, one.mapping_version) for one in logged] == [(told, None, 1)]
    carried = by_connection[second.connection.id]
    assert {one.state for one in carried} == {DeliveryState.DELIVERED}
    assert receiving.inbox.report()["received"] == 3
    assert time.monotonic() - began < 10


async def test_all_fields_of_a_record_share_one_budget(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving, supplied: Supplied
) -> None:
    heavy = "event" + "|[@,@]" * 11
    await stored(database, supplied, [field(f"field{n}", heavy) for n in range(100)])
    began = time.process_time()
    shown = (await previewed(database, hub, supplied)).events[0]
    spent = time.process_time() - began
    assert shown.body is None
    assert shown.fields[-1].problem == "the expression takes too many steps"
    assert spent < 2


async def test_the_preview_shows_what_would_arrive(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving, supplied: Supplied
) -> None:
    await mapped(database, hub, supplied, [field("title", "event.payload.pilot_title")])
    await happen(database, supplied.supplier, kind=Piloted)
    (shown,) = (await previewed(database, hub, supplied)).events[:1]
    await a_courier(database, hub, outbound).drain()
    (arrived,) = receiving.inbox.events.values()
    assert shown.body == arrived
    assert values(shown)["title"] == "Redaction"


async def test_the_preview_shows_the_newest_events_that_the_connection_would_get(
    database: Database, hub: Hub, receiving: Receiving, supplied: Supplied
) -> None:
    other = await a_supplier(database)
    await a_connection(
        database, hub, receiving.url, admin=supplied.admin, name="All", event_types=["*"]
    )
    narrow = await a_connection(
        database,
        hub,
        receiving.url,
        admin=supplied.admin,
        name="Narrow",
        event_types=["scene.piloted"],
    )
    await happen(database, other, "pilot/9", kind=Piloted)
    await happen(database, supplied.supplier, "pilot/1", times=6, kind=Piloted)
    await happen(database, supplied.supplier, "pilot/2", kind=SomethingElse)
    shown = (await previewed(database, hub, narrow)).events
    assert [(one.sample.event.stream, one.sample.event.seq) for one in shown] == [
        ("pilot/1", seq) for seq in (6, 5, 4, 3, 2)
    ]


async def test_the_preview_tries_rows_that_are_not_saved_and_says_which_has_no_answer(
    database: Database, hub: Hub, supplied: Supplied
) -> None:
    await happen(database, supplied.supplier, kind=Piloted)
    rows = [field("payload"), field("title", "sum(event.type)"), field("kind", "event.type")]
    (shown, *_) = (await previewed(database, hub, supplied, rows)).events
    assert values(shown)["kind"] == "scene.piloted"
    assert "payload" not in values(shown)
    (failed,) = [one for one in shown.fields if one.problem]
    assert failed.name == "title"
    assert shown.body is None
    unsound = await previewed(database, hub, supplied, [field("title", "]")])
    assert [problem.field for problem in unsound.problems] == ["fields.0.expression"]
    assert unsound.events == []
    assert (await the_connection(database, supplied)).mapping_version == 0


async def test_where_nothing_happened_the_preview_shows_examples_of_what_is_asked_for(
    database: Database, hub: Hub, receiving: Receiving
) -> None:
    asked_for = ["pilot.result_published", "rating.created", "scene.piloted"]
    narrow = await a_connection(database, hub, receiving.url, event_types=asked_for)
    samples = [one.sample for one in (await previewed(database, hub, narrow)).events]
    assert [sample.event.type for sample in samples] == [*asked_for[:2], "connector.test"]
    assert not any(sample.happened for sample in samples)


async def test_a_mapping_has_an_answer_for_every_type_that_the_connection_asks_for(
    database: Database, hub: Hub, receiving: Receiving
) -> None:
    asked_for = ["pilot.started", "rating.created"]
    supplied = await a_connection(database, hub, receiving.url, event_types=asked_for)
    score = field("score", "sum([event.payload.overall, `1`])")
    with pytest.raises(Invalid, match=r"score has no answer for the example of pilot\.started"):
        await mapped(database, hub, supplied, [score])
    where_there_is_one = "event.payload.overall && sum([event.payload.overall, `1`])"
    await mapped(database, hub, supplied, [field("score", where_there_is_one)])
