"""Server-sent events in graphql-sse's distinct-connections mode."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx2
import orjson
import pytest

from innohub.graphql import sse
from innohub.identity.actor import SYSTEM
from innohub.identity.permissions import Scope
from innohub.notices.models import NoticeKind
from innohub.notices.service import notify_person
from tests.conftest import Clock
from tests.graphql.live.stage import EVENTS, PATIENCE, Stage, a_cookie, following

FORCE = '{ force(slug: "kent") { name } }'
ANSWER = {"data": {"force": {"name": "Kent Police"}}}
STREAM = {"accept": "text/event-stream"}


class Stream:
    """What a client of server-sent events makes of the octets that come."""

    def __init__(self, response: httpx2.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def line(self) -> str:
        async with asyncio.timeout(PATIENCE):
            return await anext(self._lines)

    async def event(self) -> tuple[str, Any]:
        """The next event's name and data; comments are passed over."""
        name, data = "message", ""
        while line := await self.line():
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            name = value if field == "event" else name
            data = value if field == "data" else data
        if name == "message":
            return await self.event()
        return name, orjson.loads(data) if data else None

    async def ended(self) -> None:
        assert await self.event() == ("complete", None)
        with pytest.raises(StopAsyncIteration):
            await self.line()


@asynccontextmanager
async def stream(
    stage: Stage, query: str, token: str | None = None, /, **variables: Any
) -> AsyncIterator[Stream]:
    headers = STREAM | ({"Authorization": f"Bearer {token}"} if token else {})
    body = {"query": query, "variables": variables}
    async with stage.http.stream("POST", "/graphql/stream", json=body, headers=headers) as response:
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert response.headers["cache-control"] == "no-store"
        yield Stream(response)


async def test_a_query_is_one_next_and_complete(stage: Stage) -> None:
    async with stream(stage, FORCE) as events:
        assert await events.event() == ("next", ANSWER)
        await events.ended()


async def test_a_query_may_be_sent_by_get_as_eventsource_does(stage: Stage) -> None:
    query = "query ($s: String!) { force(slug: $s) { name } }"
    params = {"query": query, "variables": '{"s": "kent"}'}
    answer = await stage.http.get("/graphql/stream", params=params, headers=STREAM)
    assert answer.text.startswith(":\n\nevent: next\ndata: {")
    assert answer.text.endswith("}\n\nevent: complete\ndata:\n\n")


async def test_a_subscription_tells_each_event_until_the_client_goes(stage: Stage) -> None:
    token = await stage.token(Scope.EVENTS_SUBSCRIBE)
    async with stream(stage, EVENTS, token) as events:
        await following(stage)
        for number in range(3):
            await stage.happens(f"scene.{number}")
            name, body = await events.event()
            assert (name, body["data"]["events"]["type"]) == ("next", f"scene.{number}")
        assert stage.app.state.live.open.total() == 1
    await following(stage, 0)
    assert stage.app.state.live.open.total() == 0


async def test_a_subscription_by_get_is_for_the_one_whose_cookie_it_is(stage: Stage) -> None:
    header, _ = await a_cookie(stage, "supplier_admin")
    given = {"params": {"query": EVENTS}, "headers": STREAM | {"Cookie": header}}
    async with stage.http.stream("GET", "/graphql/stream", **given) as response:
        events = Stream(response)
        await following(stage)
        await stage.happens()
        assert (await events.event())[1]["data"]["events"]["type"] == "scene.happened"


@pytest.mark.parametrize(
    ("query", "code"),
    [("{", "syntax"), ("{ nothing }", "invalid_document"), (EVENTS, "not_signed_in")],
)
async def test_what_is_wrong_with_the_operation_comes_as_an_event(
    stage: Stage, query: str, code: str
) -> None:
    async with stream(stage, query) as events:
        name, body = await events.event()
        assert (name, body["errors"][0]["extensions"]["code"]) == ("next", code)
        assert "data" not in body
        await events.ended()


@pytest.mark.parametrize(
    ("status", "given"),
    [
        (406, {"json": {"query": FORCE}, "headers": {"accept": "application/json"}}),
        (400, {"content": b"[" * 100_000, "headers": {"content-type": "application/json"}}),
        (400, {"json": []}),
        (400, {"json": {"query": 7}}),
        (415, {"content": b"query", "headers": {"content-type": "text/plain"}}),
        (413, {"json": {"query": "x" * 1024 * 1024}}),
        (401, {"json": {"query": FORCE}, "headers": {"authorization": "Bearer nonsense"}}),
    ],
)
async def test_what_is_no_request_is_refused_as_over_plain_http(
    stage: Stage, status: int, given: dict[str, Any]
) -> None:
    answer = await stage.http.post(
        "/graphql/stream", **{**given, "headers": STREAM | given.get("headers", {})}
    )
    assert answer.status_code == status


async def test_a_mutation_by_get_is_refused(stage: Stage) -> None:
    query = 'mutation { startPilot(input: {pilotId: "x"}) { __typename } }'
    answer = await stage.http.get("/graphql/stream", params={"query": query}, headers=STREAM)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_another_sites_page_cannot_use_the_cookie(stage: Stage) -> None:
    header, _ = await a_cookie(stage, "supplier_admin")
    form = {"content": b"query=x", "headers": STREAM | {"Cookie": header}}
    for foreign in ({"sec-fetch-site": "cross-site"}, {"content-type": "text/plain"}):
        given = {**form, "headers": {**form["headers"], **foreign}}  # type: ignore[dict-item]
        answer = await stage.http.post("/graphql/stream", **given)  # type: ignore[arg-type]
        assert answer.status_code == 403


async def test_a_silent_stream_shows_that_it_lives(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sse.KEEP_ALIVE_SECONDS == 15
    monkeypatch.setattr(sse.answer, "__kwdefaults__", {"keep_alive": 0.05})
    async with stream(stage, EVENTS, await stage.token(Scope.EVENTS_SUBSCRIBE)) as events:
        assert [await events.line() for _ in range(8)] == [":", ""] * 4
        await stage.happens()
        assert (await events.event())[0] == "next"


async def test_a_stream_ends_with_the_proof_of_who_follows_it(stage: Stage, clock: Clock) -> None:
    token = await stage.token(Scope.EVENTS_SUBSCRIBE)
    clock.now += timedelta(minutes=stage.settings.access_token_minutes, seconds=-0.5)
    async with stream(stage, EVENTS, token) as events:
        await following(stage)
        clock.now += timedelta(seconds=1)
        name, body = await events.event()
        assert (name, body["errors"][0]["extensions"]["code"]) == ("next", "not_signed_in")
        await events.ended()
    await following(stage, 0)


async def test_one_stream_too_many_is_told_to_come_again(stage: Stage) -> None:
    stage.app.state.live.most = 0
    async with stream(stage, FORCE) as events:
        assert (await events.event())[1]["errors"][0]["extensions"]["code"] == "unavailable"
        await events.ended()


async def test_a_client_that_reads_no_more_is_let_go(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sse, "SEND_SECONDS", 0.3)
    token = await stage.token(Scope.EVENTS_SUBSCRIBE)
    host, port = stage.url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port), limit=1)
    body = orjson.dumps({"query": EVENTS})
    head = (
        f"POST /graphql/stream HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await following(stage)
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    for _ in range(40):
        await stage.happens("scene." + "x" * 500_000)
        if not stage.app.state.live.feed._followers:
            break
        await asyncio.sleep(0.05)
    await following(stage, 0)
    writer.transport.abort()


async def test_a_notice_arrives_at_whoever_it_is_for_and_nobody_else(stage: Stage) -> None:
    query = "subscription { noticeArrived { kind text } }"
    header, _ = await a_cookie(stage, "lead")
    given = {"params": {"query": query}, "headers": STREAM | {"Cookie": header}}
    database, people = stage.cast.database, stage.cast.actors
    async with stage.http.stream("GET", "/graphql/stream", **given) as response:
        events = Stream(response)
        await following(stage)
        for part in ("sro", "lead"):
            async with database.unit_of_work(SYSTEM.signature()) as work:
                await notify_person(
                    work, person_id=people[part].person_id or 0, kind=NoticeKind.TURN,
                    text=f"Your turn, {part}.", path="/", key=part,
                )  # fmt: skip
        name, body = await events.event()
        told = {"kind": "TURN", "text": "Your turn, lead."}
        assert (name, body["data"]["noticeArrived"]) == ("next", told)
    async with stream(stage, query) as strangers:
        _, body = await strangers.event()
        assert body["errors"][0]["extensions"]["code"] == "not_signed_in"
