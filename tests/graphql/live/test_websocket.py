"""graphql-transport-ws by its specification; and what breaks it is closed with the right code."""

import asyncio
from datetime import timedelta
from typing import Any

import orjson
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from innohub.cli.serve import PunctualProtocol
from innohub.db import identifiers
from innohub.graphql import websocket
from innohub.identity import sign_in
from innohub.identity.permissions import Scope
from tests.conftest import Clock
from tests.graphql.live.stage import EVENTS, PATIENCE, Socket, Stage, a_cookie, following

FORCE = '{ force(slug: "kent") { name } }'
ANSWER = {"force": {"name": "Kent Police"}}
VIEWER = "{ viewer { name } }"
WITHDRAW = """mutation ($id: ID!) {
  withdrawTechnology(input: {technologyId: $id, reason: "It is not sold any longer."}) {
    __typename
    ... on Failure { code }
  }
}"""


async def test_a_query_is_answered_once_and_completed_and_its_id_is_free_again(
    stage: Stage,
) -> None:
    async with stage.socket() as socket:
        for _ in range(2):
            await socket.subscribe("q", FORCE)
            assert await socket.next("q") == ANSWER
            assert await socket.hears() == {"id": "q", "type": "complete"}


async def test_a_mutation_is_carried_out_for_the_one_who_connected(stage: Stage) -> None:
    id = identifiers.encode("Technology", stage.cast.technology.id)
    for token, code in [
        (None, "not_signed_in"),
        (await stage.token(Scope.LISTINGS_READ), "denied"),
    ]:
        async with stage.socket(token) as socket:
            await socket.subscribe("m", WITHDRAW, id=id)
            found = (await socket.next("m"))["withdrawTechnology"]
            assert found == {"__typename": "Failure", "code": code}


async def test_errors_before_execution_come_as_error_and_those_within_as_next(
    stage: Stage,
) -> None:
    async with stage.socket() as socket:
        await socket.subscribe("1", "{ nothing }")
        heard = await socket.hears()
        assert (heard["type"], heard["payload"][0]["extensions"]["code"]) == (
            "error", "invalid_document",
        )  # fmt: skip
        await socket.subscribe("1", '{ node(id: "%%%") { id } }')
        heard = await socket.hears()
        assert heard["type"] == "next"
        assert heard["payload"]["data"] == {"node": None}
        assert heard["payload"]["errors"][0]["extensions"]["code"] == "invalid"


async def test_a_completed_subscription_says_nothing_more_and_lets_go(stage: Stage) -> None:
    async with stage.socket(await stage.token(Scope.EVENTS_SUBSCRIBE)) as socket:
        await socket.subscribe("1", EVENTS)
        await following(stage)
        await socket.say(id="1", type="complete")
        await following(stage, 0)
        await stage.happens()
        await socket.hears_nothing()
        await socket.subscribe("1", EVENTS)
        await following(stage)
        await stage.happens("scene.again")
        assert (await socket.next("1"))["events"]["type"] == "scene.again"


async def test_a_client_that_goes_away_leaves_nothing_behind(stage: Stage) -> None:
    token = await stage.token(Scope.EVENTS_SUBSCRIBE)
    live = stage.app.state.live
    async with stage.socket(token) as socket:
        await socket.subscribe("1", EVENTS)
        await socket.subscribe("2", EVENTS)
        await following(stage, 2)
        assert live.open.total() == 1
    await following(stage, 0)
    async with stage.socket(token) as socket:
        await socket.subscribe("1", EVENTS)
        await following(stage, 1)
        socket.connection.transport.abort()
    await following(stage, 0)
    async with asyncio.timeout(PATIENCE):
        while live.open.total():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_ping_is_answered_with_its_payload_and_a_pong_with_nothing(stage: Stage) -> None:
    async with stage.socket(init=False) as socket:
        await socket.say(type="ping")
        assert await socket.hears() == {"type": "pong"}
        await socket.say(type="pong")
        await socket.say(type="ping", payload={"a": 1})
        assert await socket.hears() == {"type": "pong", "payload": {"a": 1}}


async def test_a_silent_client_is_closed_after_the_time_for_its_init(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert websocket.INIT_SECONDS == 3
    monkeypatch.setattr(websocket.serve, "__kwdefaults__", {"init_seconds": 0.3})
    async with stage.socket(init=False) as socket:
        assert await socket.closed() == (4408, "Connection initialisation timeout")
    async with stage.socket(init=False) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await chatter(socket)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4408


async def chatter(socket: Socket) -> None:
    for _ in range(100):
        await socket.say(type="pong")
        await asyncio.sleep(0.02)


async def test_a_socket_outlives_the_time_for_a_request(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PunctualProtocol, "request_seconds", 0.3)
    async with stage.socket() as socket:
        await asyncio.sleep(0.6)
        await socket.subscribe("1", FORCE)
        assert await socket.next("1") == ANSWER


BROKEN_BEFORE_THE_INIT = [
    (b"", 4400),
    (b"{", 4400),
    (b"null", 4400),
    (b"7", 4400),
    (b'"text"', 4400),
    (b"[]", 4400),
    (b"{}", 4400),
    (b'{"type": 1}', 4400),
    (b'{"type": "start", "id": "1"}', 4400),
    (b'{"type": "connection_init", "payload": 7}', 4400),
    (b'{"type": "connection_init", "payload": []}', 4400),
    (b'{"type": "connection_init", "payload": {"Authorization": "Basic abc"}}', 4403),
    (b'{"type": "connection_init", "payload": {"Authorization": 7}}', 4403),
    (b'{"type": "connection_init", "payload": {"Authorization": "Bearer abc"}}', 4403),
    (b'{"type": "connection_init", "payload": {"authorization": "Bearer \\u0000 a"}}', 4403),
    (b'{"type": "connection_init", "payload": '
     b'{"Authorization": "Bearer a", "authorization": "Bearer b"}}', 4403),
    (b"[" * 100_000 + b"]" * 100_000, 4400),
    (b'{"type": "ping", "payload": ' + b'{"a":' * 20_000 + b"1" + b"}" * 20_001, 4400),
    (b'{"type": "ping", "payload": {"a": ' + b"[" * 150 + b"]" * 150 + b"}}", 4400),
    (b'{"type": "ping", "payload": {"a": ' + b"9" * 10_000 + b"}}", 4400),
    (b'{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }"}}', 4401),
    (b'{"type": "complete"}', 4400),
]  # fmt: skip
BROKEN_LATER: list[tuple[dict[str, Any], int]] = [
    ({"type": "connection_init"}, 4429),
    ({"type": "subscribe", "payload": {"query": FORCE}}, 4400),
    ({"type": "subscribe", "id": "", "payload": {"query": FORCE}}, 4400),
    ({"type": "subscribe", "id": 7, "payload": {"query": FORCE}}, 4400),
    ({"type": "subscribe", "id": "x" * 10_000, "payload": {"query": FORCE}}, 4400),
    ({"type": "subscribe", "id": "1", "payload": FORCE}, 4400),
    ({"type": "subscribe", "id": "1", "payload": {"query": 7}}, 4400),
    ({"type": "subscribe", "id": "1", "payload": {"query": FORCE, "variables": []}}, 4400),
    ({"type": "subscribe", "id": "1", "payload": {"query": FORCE, "operationName": 1}}, 4400),
    ({"type": "next", "id": "1", "payload": {}}, 4400),
]


async def test_what_breaks_the_protocol_before_the_init_is_closed_with_its_code(
    stage: Stage,
) -> None:
    for said, code in BROKEN_BEFORE_THE_INIT:
        async with stage.socket(init=False) as socket:
            await socket.connection.send(said.decode())
            assert (await socket.closed())[0] == code, said[:200]


async def test_what_breaks_the_protocol_later_is_closed_with_its_code(stage: Stage) -> None:
    for message, code in BROKEN_LATER:
        async with stage.socket() as socket:
            await socket.say(**message)
            assert (await socket.closed())[0] == code, message


async def test_an_id_in_use_closes_the_socket(stage: Stage) -> None:
    async with stage.socket(await stage.token(Scope.EVENTS_SUBSCRIBE)) as socket:
        await socket.subscribe("é" * 100, EVENTS)
        await following(stage)
        await socket.subscribe("é" * 100, EVENTS)
        code, reason = await socket.closed()
        assert code == 4409
        assert reason.startswith("Subscriber for ééé")
    await following(stage, 0)


async def test_binary_data_closes_the_socket(stage: Stage) -> None:
    async with stage.socket() as socket:
        await socket.connection.send(b'{"type": "ping"}')
        assert (await socket.closed())[0] == 4400


async def test_a_message_over_a_mebibyte_closes_the_socket(stage: Stage) -> None:
    async with stage.socket() as socket:
        await socket.say(type="ping", payload={"a": "x" * 1024 * 1024})
        assert (await socket.closed())[0] == 1009


async def test_one_operation_too_many_is_refused_alone(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "MOST_OPERATIONS", 3)
    async with stage.socket(await stage.token(Scope.EVENTS_SUBSCRIBE)) as socket:
        for id in "123":
            await socket.subscribe(id, EVENTS)
        await following(stage, 3)
        await socket.subscribe("4", EVENTS)
        heard = await socket.hears()
        assert (heard["id"], heard["type"]) == ("4", "error")
        assert heard["payload"][0]["extensions"]["code"] == "too_many_operations"
        await socket.say(id="1", type="complete")
        await socket.subscribe("4", FORCE)
        assert await socket.next("4") == ANSWER


async def test_one_socket_too_many_is_asked_to_come_again(stage: Stage) -> None:
    live = stage.app.state.live
    live.most_strangers, live.most_each, live.most = 1, 1, 4
    tokens = [await stage.token(Scope.LISTINGS_READ, rival=rival) for rival in (False, True)]
    async with stage.socket(), stage.socket(tokens[0]):
        for payload in ({}, {"Authorization": f"Bearer {tokens[0]}"}):
            async with stage.socket(init=False) as socket:
                await socket.say(type="connection_init", payload=payload)
                assert (await socket.closed())[0] == 1013
        async with stage.socket(tokens[1]), stage.socket(init=False) as fourth:
            await fourth.say(type="ping")
            assert await fourth.hears() == {"type": "pong"}
            async with stage.socket(init=False) as fifth:
                assert (await fifth.closed())[0] == 1013
    async with asyncio.timeout(PATIENCE):
        while live.open:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("offered", [["graphql-ws"], None])
async def test_another_subprotocol_is_not_acceptable(
    stage: Stage, offered: list[str] | None
) -> None:
    async with stage.socket(init=False, subprotocols=offered) as socket:
        assert (await socket.closed())[0] == 4406


async def test_a_token_counts_in_the_header_too_and_a_bad_one_is_not_taken_for_nobody(
    stage: Stage,
) -> None:
    token = await stage.token(Scope.LISTINGS_READ)
    header = {"Authorization": f"Bearer {token}"}
    async with stage.socket(additional_headers=header) as socket:
        await socket.subscribe("1", VIEWER)
        assert (await socket.next("1"))["viewer"]["name"] == "Sync"
    bad = {"Authorization": "Bearer nonsense"}
    async with stage.socket(init=False, additional_headers=bad) as socket:
        await socket.say(type="connection_init")
        assert (await socket.closed())[0] == 4403


async def test_a_session_counts_from_our_own_pages_only(stage: Stage) -> None:
    header, _ = await a_cookie(stage, "supplier_admin")
    own = {"additional_headers": {"Cookie": header}, "origin": stage.url}
    async with stage.socket(**own) as socket:
        await socket.subscribe("1", VIEWER)
        name = stage.cast["supplier_admin"].name
        assert (await socket.next("1"))["viewer"]["name"] == name
    for origin in ("https://evil.example", "null", stage.url + "0"):
        with pytest.raises(InvalidStatus) as refused:
            async with stage.socket(additional_headers={"Cookie": header}, origin=origin):
                pass
        assert refused.value.response.status_code == 403


async def test_a_token_in_the_init_wins_over_the_session(stage: Stage) -> None:
    header, _ = await a_cookie(stage, "supplier_admin")
    token = await stage.token(Scope.LISTINGS_READ)
    own = {"additional_headers": {"Cookie": header}, "origin": stage.url}
    async with stage.socket(token, **own) as socket:
        await socket.subscribe("1", VIEWER)
        assert (await socket.next("1"))["viewer"]["name"] == "Sync"


async def test_a_socket_ends_when_its_token_expires(stage: Stage, clock: Clock) -> None:
    token = await stage.token(Scope.EVENTS_SUBSCRIBE)
    lifetime = timedelta(minutes=stage.settings.access_token_minutes)
    clock.now += lifetime - timedelta(seconds=0.5)
    async with stage.socket(token) as socket:
        await socket.subscribe("1", EVENTS)
        await following(stage)
        clock.now += timedelta(seconds=1)
        code, reason = await socket.closed()
        assert (code, "expired" in reason) == (4403, True)
    await following(stage, 0)


async def test_a_socket_ends_when_the_session_does_or_the_token_is_revoked(stage: Stage) -> None:
    stage.app.state.live.recheck_seconds = 0.3
    header, session_token = await a_cookie(stage, "supplier_admin")
    own = {"additional_headers": {"Cookie": header}, "origin": stage.url}
    async with stage.socket(**own) as socket:
        await asyncio.sleep(0.5)
        await socket.subscribe("1", VIEWER)
        assert await socket.next("1")
        assert (await socket.hears())["type"] == "complete"
        await sign_in.sign_out(stage.elsewhere, session_token)
        assert (await socket.closed())[0] == 4403


async def test_many_bursts_of_messages_are_all_answered(stage: Stage) -> None:
    async with stage.socket() as socket:
        await asyncio.gather(*(socket.subscribe(str(id), FORCE) for id in range(40)))
        heard = [await socket.hears() for _ in range(80)]
        answered = {message["id"] for message in heard if message["type"] == "next"}
        assert answered == {str(id) for id in range(40)}


async def test_frames_cut_short_leave_nothing_behind(stage: Stage) -> None:
    async with connect(
        stage.url.replace("http", "ws") + "/graphql", subprotocols=[websocket.PROTOCOL]
    ) as connection:
        await connection.send([orjson.dumps({"type": "connection_init"}).decode()[:5], "nonsense"])
        connection.transport.write(b"\x81\xfe\xff")
        connection.transport.abort()
    async with asyncio.timeout(PATIENCE):
        while stage.app.state.live.open.total():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
