"""Where only the newest of several waiting events of one type is wanted: the others are skipped,
and the log says so."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from innohub.db.unit_of_work import Database
from innohub.errors import Invalid
from innohub.hub import service
from innohub.hub.commands import ChangeConnection, PauseConnection, ResumeConnection
from innohub.hub.connectors.manifest import Connector, FieldMapping, Manifest
from innohub.hub.connectors.registry import Registry
from innohub.hub.models import DeliveryState
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub
from tests.hub.scene import (
    SomethingElse,
    Supplied,
    a_connection,
    a_courier,
    deliveries,
    happen,
    lanes,
    served,
)

Taken = list[tuple[str, int]]


@pytest.fixture
def hub(hub: Hub) -> Hub:
    """With a connector that keeps one record for each stream."""
    manifest = Manifest.model_validate(
        {
            "name": "board",
            "title": "Board",
            "summary": "One line for each pilot.",
            "promise": "at_least_once",
            "record": "stream",
            "settings": [{"name": "endpoint", "title": "Address", "kind": "url"}],
            "write": {"method": "PUT", "url": "{config.endpoint}/{record.key}"},
            "answers": {"ok": ["2xx"]},
        }
    )
    board = Connector(
        manifest, FieldMapping(body={"type": "{event.type}", "seq": "{event.seq}"}), ""
    )
    known = {each.manifest.name: each for each in hub.registry}
    return replace(hub, registry=Registry({**known, "board": board}))


@pytest.fixture
def taken() -> Taken:
    """The type and number of each event that the board was sent."""
    return []


@pytest_asyncio.fixture
async def board(taken: Taken) -> AsyncIterator[str]:
    async def put(request: Request) -> Response:
        body = await request.json()
        taken.append((body["type"], body["seq"]))
        return Response()

    async with served(Starlette(routes=[Route("/{key}", put, methods=["PUT"])])) as url:
        yield url


async def connected(database: Database, hub: Hub, url: str, **given: Any) -> Supplied:
    return await a_connection(
        database, hub, url, connector="board", config={"endpoint": url}, secrets={}, **given
    )


async def backlog(database: Database, supplied: Supplied) -> None:
    """Three of one type, with one of another between them."""
    await happen(database, supplied.supplier, times=2)
    await happen(database, supplied.supplier, kind=SomethingElse)
    await happen(database, supplied.supplier)


async def test_of_several_that_wait_only_the_newest_of_each_type_is_sent(
    database: Database, hub: Hub, outbound: Outbound, board: str, taken: Taken
) -> None:
    supplied = await connected(database, hub, board, newest_only=True)
    await backlog(database, supplied)

    await a_courier(database, hub, outbound).drain()

    assert taken == [("scene.otherwise", 3), ("scene.happened", 4)]
    rows = await deliveries(database)
    assert [row.state for row in rows] == [
        DeliveryState.SKIPPED_BY_POLICY,
        DeliveryState.SKIPPED_BY_POLICY,
        DeliveryState.DELIVERED,
        DeliveryState.DELIVERED,
    ]
    assert {row.detail for row in rows[:2]} == {"A newer event says all of it: number 4."}
    assert all(row.settled_at for row in rows)
    assert [lane.pending for lane in await lanes(database)] == [0]


async def test_other_connections_and_other_streams_get_each_of_theirs(
    database: Database, hub: Hub, outbound: Outbound, board: str, taken: Taken
) -> None:
    newest = await connected(database, hub, board, newest_only=True)
    await connected(database, hub, board, admin=newest.admin, name="All of it")
    await happen(database, newest.supplier, "pilot/1", times=2)
    await happen(database, newest.supplier, "pilot/2")

    await a_courier(database, hub, outbound).drain()

    assert sorted(seq for _, seq in taken) == [1, 1, 1, 2, 2]
    assert [lane.pending for lane in await lanes(database)] == [0, 0, 0, 0]


async def test_what_came_while_it_was_paused_is_one_event_when_it_goes_on(
    database: Database, hub: Hub, outbound: Outbound, board: str, taken: Taken
) -> None:
    supplied = await connected(database, hub, board, newest_only=True)
    actor, number = supplied.admin.actor, supplied.connection.id
    await happen(database, supplied.supplier)
    await a_courier(database, hub, outbound).drain()
    async with database.unit_of_work(actor.signature()) as work:
        await service.pause_connection(work, actor, PauseConnection(connection_id=number))
    await happen(database, supplied.supplier, times=5)
    async with database.unit_of_work(actor.signature()) as work:
        await service.resume_connection(work, actor, ResumeConnection(connection_id=number))

    await a_courier(database, hub, outbound).drain()

    assert taken == [("scene.happened", 1), ("scene.happened", 6)]


async def test_a_connector_with_a_record_for_each_event_cannot_leave_events_out(
    database: Database, hub: Hub, supplied: Supplied
) -> None:
    actor = supplied.admin.actor
    command = ChangeConnection(connection_id=supplied.connection.id, newest_only=True)
    with pytest.raises(Invalid, match="keeps a record of each event"):
        async with database.unit_of_work(actor.signature()) as work:
            await service.change_connection(work, actor, command, hub=hub)


async def test_the_choice_can_be_changed_later(
    database: Database, hub: Hub, outbound: Outbound, board: str, taken: Taken
) -> None:
    supplied = await connected(database, hub, board)
    await happen(database, supplied.supplier, times=3)
    actor = supplied.admin.actor
    command = ChangeConnection(connection_id=supplied.connection.id, newest_only=True)
    async with database.unit_of_work(actor.signature()) as work:
        await service.change_connection(work, actor, command, hub=hub)

    await a_courier(database, hub, outbound).drain()

    assert [seq for _, seq in taken] == [3]
