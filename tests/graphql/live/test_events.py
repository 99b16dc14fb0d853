"""The feed of events as a list to page through: nothing is ever added before a cursor."""

import asyncio
from random import Random
from typing import Any

import pytest

from innohub.identity.actor import SYSTEM
from innohub.identity.permissions import Scope
from tests.graphql.live.stage import Stage

PAGE = """query ($after: String, $filter: EventFilter) {
  events(first: 3, after: $after, filter: $filter) {
    edges { cursor node { id type stream seq schemaVersion payload at cursor } }
    totalCount
    pageInfo { hasNextPage endCursor }
  }
}"""


async def page(stage: Stage, token: str, after: str | None = None, **filter: Any) -> Any:
    answer = await stage.ask(PAGE, token, after=after, filter=filter or None)
    assert "errors" not in answer, answer
    return answer["data"]["events"]


async def test_an_event_that_commits_late_comes_after_what_was_read_before(stage: Stage) -> None:
    token = await stage.token(Scope.EVENTS_SUBSCRIBE)
    async with stage.elsewhere.unit_of_work(SYSTEM.signature()) as late:
        await stage.record(late, "scene.slow", "technology/1")
        await stage.happens("scene.quick", "technology/2")
        first = await page(stage, token)
        assert [edge["node"]["type"] for edge in first["edges"]] == ["scene.quick"]
    rest = await page(stage, token, first["pageInfo"]["endCursor"])
    assert [edge["node"]["type"] for edge in rest["edges"]] == ["scene.slow"]


async def test_a_reader_of_pages_misses_no_event_of_many_writers_and_reads_none_twice(
    stage: Stage,
) -> None:
    token = await stage.token(Scope.EVENTS_SUBSCRIBE)
    chance, written = Random(4), 0

    async def write(number: int) -> None:
        nonlocal written
        for _ in range(5):
            async with stage.elsewhere.unit_of_work(SYSTEM.signature()) as work:
                for _ in range(chance.randint(1, 3)):
                    await stage.record(work, "scene.happened", f"technology/{number}")
                    written += 1
                    await asyncio.sleep(chance.random() / 50)

    writing = asyncio.gather(*(write(number) for number in range(8)))
    read: list[str] = []
    after = None
    while True:
        finished = writing.done()
        found = await page(stage, token, after)
        read += [edge["node"]["id"] for edge in found["edges"]]
        after = found["pageInfo"]["endCursor"] or after
        if finished and not found["edges"]:
            break
    await writing
    assert len(read) == len(set(read)) == written


async def test_the_cursor_in_an_event_is_its_edges_and_holds_every_field(stage: Stage) -> None:
    token = await stage.token(Scope.EVENTS_SUBSCRIBE)
    pilot = await stage.cast.requested()
    found = await page(stage, token)
    assert found["totalCount"] == len(found["edges"])
    assert all(edge["cursor"] == edge["node"]["cursor"] for edge in found["edges"])
    node = found["edges"][0]["node"]
    assert (node["type"], node["stream"], node["seq"]) == (
        "pilot.requested", f"pilot/{pilot.id}", 1,
    )  # fmt: skip
    assert node["payload"]["pilot_title"] == pilot.title
    assert node["at"].startswith("2026-11-02T09:00:00")


async def test_events_are_filtered_by_type_family_and_stream(stage: Stage) -> None:
    token = await stage.token(Scope.EVENTS_SUBSCRIBE)
    for type_, stream in [("a.one", "x/1"), ("a.two", "x/2"), ("b.one", "x/1")]:
        await stage.happens(type_, stream)

    async def types(**filter: Any) -> list[str]:
        return [edge["node"]["type"] for edge in (await page(stage, token, **filter))["edges"]]

    assert await types() == ["a.one", "a.two", "b.one"]
    assert await types(types=["a.*"]) == ["a.one", "a.two"]
    assert await types(types=["a.two", "b.*"]) == ["a.two", "b.one"]
    assert await types(types=["a"]) == []
    assert await types(types=[]) == []
    assert await types(stream="x/1") == ["a.one", "b.one"]


@pytest.mark.parametrize("scope", [Scope.PILOTS_RESPOND, Scope.LISTINGS_WRITE])
async def test_without_the_scope_there_are_no_events(stage: Stage, scope: Scope) -> None:
    await stage.happens()
    assert (await page(stage, await stage.token(scope)))["totalCount"] == 0


async def test_another_suppliers_events_are_nobodys_business(stage: Stage) -> None:
    await stage.happens()
    token = await stage.token(Scope.EVENTS_SUBSCRIBE)
    id = (await page(stage, token))["edges"][0]["node"]["id"]
    query = "query ($id: ID!) { node(id: $id) { __typename } }"
    assert await stage.ask(query, token, id=id) == {"data": {"node": {"__typename": "Event"}}}
    rival = await stage.token(Scope.EVENTS_SUBSCRIBE, rival=True)
    for stranger in (rival, None):
        assert (await page(stage, stranger))["totalCount"] == 0
        assert await stage.ask(query, stranger, id=id) == {"data": {"node": None}}


async def test_the_pages_backward_are_the_pages_forward(stage: Stage) -> None:
    token = await stage.token(Scope.EVENTS_SUBSCRIBE)
    for number in range(5):
        await stage.happens(f"scene.{number}")
    query = "{ events(last: 2) { nodes { type } pageInfo { hasPreviousPage startCursor } } }"
    last = (await stage.ask(query, token))["data"]["events"]
    assert [node["type"] for node in last["nodes"]] == ["scene.3", "scene.4"]
    before = "query ($c: String) { events(last: 9, before: $c) { nodes { type } } }"
    found = await stage.ask(before, token, c=last["pageInfo"]["startCursor"])
    types = [node["type"] for node in found["data"]["events"]["nodes"]]
    assert types == ["scene.0", "scene.1", "scene.2"]
