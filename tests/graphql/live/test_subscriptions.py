"""Who is told of what, and when: after the commit, once, and only what they may see."""

import asyncio
from contextlib import AsyncExitStack, suppress

import asyncpg
import pytest
from starlette.requests import HTTPConnection

from innohub.db import identifiers
from innohub.db.engine import read_url
from innohub.graphql import websocket
from innohub.graphql.events_feed import Feed, TooSlow
from innohub.graphql.live import MOST_EACH
from innohub.graphql.parameters import Parameters
from innohub.graphql.refusals import Refused
from innohub.identity.actor import SYSTEM
from innohub.identity.actors import Caller
from innohub.identity.permissions import Scope
from innohub.market.pilots import commands, service
from tests.graphql.live.stage import EVENTS, PATIENCE, Socket, Stage, following
from tests.market.pilots.cast import RolledBack

LISTENER = "innohub feed that is hung up on"
PILOT = """subscription ($id: ID!) {
  changed: pilot(id: $id) {
    id state technology { slug } supplier { name } steps { nodes { verb } } }
}"""

DEEPER = "supplier { technologies { nodes { "
DEEP = (
    'subscription { pilot(id: "x") { technology { '
    + DEEPER * 5 + "id" + " } } }" * 5 + " } } }"
)  # fmt: skip


async def test_an_event_is_told_after_its_commit_and_not_before(stage: Stage) -> None:
    token = await stage.token(Scope.EVENTS_SUBSCRIBE)
    async with stage.socket(token) as socket:
        await socket.subscribe("1", EVENTS)
        await following(stage)
        async with stage.elsewhere.unit_of_work(SYSTEM.signature()) as work:
            await stage.record(work, "scene.happened", "technology/1")
            await socket.hears_nothing()
        told = (await socket.next("1"))["events"]
        assert (told["type"], told["stream"]) == ("scene.happened", "technology/1")
        await socket.hears_nothing()


async def test_what_is_rolled_back_is_never_told(stage: Stage) -> None:
    async with stage.socket(await stage.token(Scope.EVENTS_SUBSCRIBE)) as socket:
        await socket.subscribe("1", EVENTS)
        await following(stage)
        with suppress(RolledBack):
            async with stage.elsewhere.unit_of_work(SYSTEM.signature()) as work:
                await stage.record(work, "scene.happened")
                raise RolledBack
        await stage.happens("scene.later")
        assert (await socket.next("1"))["events"]["type"] == "scene.later"


async def test_two_hundred_follow_at_once_and_each_hears_of_it_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`bench/subscriptions.py` has two thousand."""
    # They and the hub share this process: whoever comes last may have to wait for their turn.
    monkeypatch.setattr(websocket.serve, "__kwdefaults__", {"init_seconds": PATIENCE})
    sockets: list[Socket] = []
    async with AsyncExitStack() as open:
        # A client's at a time, so that a slow machine is given its time with each.
        for _ in range(200 // MOST_EACH):
            token = await stage.token(Scope.EVENTS_SUBSCRIBE)
            opening = [open.enter_async_context(stage.socket(token)) for _ in range(MOST_EACH)]
            for socket in await asyncio.gather(*opening):
                await socket.subscribe("1", EVENTS)
                sockets.append(socket)
            await following(stage, len(sockets))
        await stage.happens()
        told = await asyncio.gather(*(socket.next("1") for socket in sockets))
        assert [one["events"]["type"] for one in told] == ["scene.happened"] * 200
        assert len({one["events"]["cursor"] for one in told}) == 1
        await sockets[0].hears_nothing()


async def test_several_events_of_one_commit_come_in_their_order(stage: Stage) -> None:
    async with stage.socket(await stage.token(Scope.EVENTS_SUBSCRIBE)) as socket:
        await socket.subscribe("1", EVENTS)
        await following(stage)
        async with stage.elsewhere.unit_of_work(SYSTEM.signature()) as work:
            for number in range(5):
                await stage.record(work, f"scene.{number}")
        types = [(await socket.next("1"))["events"]["type"] for _ in range(5)]
        assert types == [f"scene.{number}" for number in range(5)]


async def test_only_the_named_types_and_families_are_told(stage: Stage) -> None:
    async with stage.socket(await stage.token(Scope.EVENTS_SUBSCRIBE)) as socket:
        await socket.subscribe("1", EVENTS, types=["a.one", "b.*"])
        await following(stage)
        for type_ in ("a.one", "a.two", "b.one", "c.one", "b.two"):
            await stage.happens(type_)
        types = [(await socket.next("1"))["events"]["type"] for _ in range(3)]
        assert types == ["a.one", "b.one", "b.two"]
        await socket.hears_nothing()


async def test_another_supplier_is_not_told(stage: Stage) -> None:
    token = await stage.token(Scope.EVENTS_SUBSCRIBE, rival=True)
    async with stage.socket(token) as socket:
        await socket.subscribe("1", EVENTS)
        await following(stage)
        await stage.happens()
        await socket.hears_nothing()


@pytest.mark.parametrize(
    ("scope", "code"), [(None, "not_signed_in"), (Scope.PILOTS_RESPOND, "denied")]
)
async def test_who_may_see_no_events_is_told_so(
    stage: Stage, scope: Scope | None, code: str
) -> None:
    async with stage.socket(await stage.token(scope) if scope else None) as socket:
        await socket.subscribe("1", EVENTS)
        heard = await socket.hears()
        assert (heard["type"], heard["id"]) == ("error", "1")
        assert heard["payload"][0]["extensions"]["code"] == code
        assert stage.app.state.live.feed._followers == set()


async def test_a_pilot_comes_again_whenever_something_happens_to_it(stage: Stage) -> None:
    cast = stage.cast
    pilot = await cast.requested()
    id = identifiers.encode("Pilot", pilot.id)
    async with stage.socket(await stage.token(Scope.PILOTS_READ_OWN)) as socket:
        await socket.subscribe("1", PILOT, id=id)
        await following(stage)
        await stage.happens("pilot.accepted", f"pilot/{pilot.id + 1}")
        await cast.step("supplier_admin", service.accept, commands.AcceptPilot, pilot)
        told = (await socket.next("1"))["changed"]
        assert told["id"] == id
        assert told["technology"] == {"slug": cast.technology.slug}
        assert [step["verb"] for step in told["steps"]["nodes"]][-1] == "accept"
        await cast.step("sro", service.approve, commands.ApprovePilot, pilot)
        assert (await socket.next("1"))["changed"]["state"] == "ASSURANCE"
        await socket.hears_nothing()


@pytest.mark.parametrize("kind", ["Pilot", "Technology", "nothing"])
async def test_a_pilot_that_may_not_be_seen_is_one_that_does_not_exist(
    stage: Stage, kind: str
) -> None:
    pilot = await stage.cast.requested()
    token = await stage.token(Scope.PILOTS_READ_OWN, rival=True)
    id = "%%%" if kind == "nothing" else identifiers.encode(kind, pilot.id)
    async with stage.socket(token) as socket:
        await socket.subscribe("1", PILOT, id=id)
        heard = await socket.hears()
        code = "invalid" if kind == "nothing" else "not_found"
        assert (heard["type"], heard["payload"][0]["extensions"]["code"]) == ("error", code)


async def test_a_pilot_that_may_be_seen_no_more_is_not_sent(stage: Stage) -> None:
    cast = stage.cast
    pilot = await cast.requested()
    async with stage.socket(await stage.token(Scope.PILOTS_READ_OWN)) as socket:
        await socket.subscribe("1", PILOT, id=identifiers.encode("Pilot", pilot.id))
        await following(stage)
        await stage.happens("pilot.accepted", f"pilot/{pilot.id}")
        await socket.next("1")
        rival = cast["rival_admin"].seats[0].organisation_id
        await cast.put(pilot, supplier_id=rival)
        await cast.step("rival_admin", service.accept, commands.AcceptPilot, pilot)
        await socket.hears_nothing()
        await cast.put(pilot, supplier_id=cast.supplier.id)
        await cast.step("sro", service.approve, commands.ApprovePilot, pilot)
        assert (await socket.next("1"))["changed"]["state"] == "ASSURANCE"


async def test_nothing_is_missed_or_told_twice_while_the_listener_is_gone(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A name of its own: the server may still be parting from the listener of the test before.
    monkeypatch.setattr("innohub.graphql.events_feed.NAME", LISTENER)
    async with stage.socket(await stage.token(Scope.EVENTS_SUBSCRIBE)) as socket:
        await socket.subscribe("1", EVENTS)
        await following(stage)
        await stage.happens("scene.before")
        assert (await socket.next("1"))["events"]["type"] == "scene.before"
        for number in range(3):
            assert await hang_up(stage) == 1
            await stage.happens(f"scene.{number}a")
            await stage.happens(f"scene.{number}b")
            for part in "ab":
                told = (await socket.next("1"))["events"]
                assert told["type"] == f"scene.{number}{part}"
        await socket.hears_nothing()


async def hang_up(stage: Stage) -> int:
    """End the hub's listening connection from the server's side, once there is one."""
    assert stage.settings.database_url is not None
    connection = await asyncpg.connect(read_url(stage.settings.database_url))
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                ended = await connection.fetch(
                    # It waits for the end: what is about to go would be counted again.
                    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                    " WHERE application_name = $1",
                    LISTENER,
                )
                if ended:
                    return len(ended)
                await asyncio.sleep(0.02)
    finally:
        await connection.close()


async def test_without_a_bell_the_feed_is_looked_at_all_the_same(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("innohub.graphql.events_feed.LOOK_SECONDS", 0.1)
    monkeypatch.setattr("innohub.graphql.events_feed.CHANNEL", "another_channel")
    async with stage.socket(await stage.token(Scope.EVENTS_SUBSCRIBE)) as socket:
        await socket.subscribe("1", EVENTS)
        await following(stage)
        await stage.happens()
        assert (await socket.next("1"))["events"]["type"] == "scene.happened"


async def test_a_follower_too_far_behind_hears_what_fitted_and_then_why_it_ends(
    stage: Stage,
) -> None:
    assert stage.settings.database_url is not None
    feed = Feed(stage.settings.database_url, queue=3)
    try:
        await feed.ready()
        with feed.follow(lambda fact: True) as slow, feed.follow(lambda fact: True) as quick:
            heard = []
            for number in range(5):
                await stage.happens(f"scene.{number}")
                heard.append((await asyncio.wait_for(anext(quick), PATIENCE)).type)
            assert heard == [f"scene.{number}" for number in range(5)]
            assert [(await anext(slow)).type for _ in range(3)] == heard[:3]
            with pytest.raises(TooSlow):
                await anext(slow)
    finally:
        await feed.close()


async def test_a_subscription_too_far_behind_ends_with_its_reason(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = stage.app.state.live
    monkeypatch.setattr(live.feed, "_queue", 1)
    context = live.context_of(a_connection(stage), Caller(stage.cast["supplier_admin"]))
    asked = Parameters(EVENTS, None, {}, {})
    async with live.answers(live.operation(asked), asked, context) as answers:
        for number in range(3):
            await stage.happens(f"scene.{number}")
        await asyncio.sleep(0.3)
        assert (await anext(answers)).data["events"]["type"] == "scene.0"
        with pytest.raises(Refused) as refused:
            await anext(answers)
        assert refused.value.errors[0].extensions == {"code": "too_slow"}
    assert live.feed._followers == set()


def a_connection(stage: Stage) -> HTTPConnection:
    return HTTPConnection({"type": "http", "app": stage.app, "headers": []})


async def test_without_a_database_a_subscription_says_that_it_cannot_start(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("innohub.graphql.events_feed.START_SECONDS", 0.2)
    monkeypatch.setattr(stage.app.state.live.feed, "_url", "postgresql://nobody@127.0.0.1:1/none")
    async with stage.socket(await stage.token(Scope.EVENTS_SUBSCRIBE)) as socket:
        await socket.subscribe("1", EVENTS)
        heard = await socket.hears()
        assert heard["payload"][0]["extensions"]["code"] == "unavailable"


async def test_a_subscription_over_plain_http_is_told_where_to_go(stage: Stage) -> None:
    kinds = {"accept": "application/graphql-response+json"}
    answer = await stage.http.post("/graphql", json={"query": EVENTS}, headers=kinds)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "needs_a_stream"
    assert "/graphql/stream" in error["message"]
    got = await stage.http.get("/graphql", params={"query": EVENTS}, headers=kinds)
    assert got.status_code == 405


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("subscription { events { nothing } }", "invalid_document"),
        ("subscription { events { id } pilot(id: \"x\") { id } }", "invalid_document"),
        ("subscription { __typename }", "invalid_document"),
        ("subscription ($id: ID!) { pilot(id: $id) { id } }", "invalid_variables"),
        (DEEP, "too_costly"),
        ("subscription {", "syntax"),
    ],
)  # fmt: skip
async def test_subscriptions_are_validated_and_limited_like_queries(
    stage: Stage, query: str, code: str
) -> None:
    async with stage.socket() as socket:
        await socket.subscribe("1", query)
        heard = await socket.hears()
        assert heard["type"] == "error", heard
        assert heard["payload"][0]["extensions"]["code"] == code, heard


async def test_what_was_missed_while_away_follows_the_last_events_cursor(stage: Stage) -> None:
    token = await stage.token(Scope.EVENTS_SUBSCRIBE)
    async with stage.socket(token) as socket:
        await socket.subscribe("1", EVENTS)
        await following(stage)
        await stage.happens("scene.heard")
        cursor = (await socket.next("1"))["events"]["cursor"]
    await stage.happens("scene.missed")
    query = "query ($c: String) { events(after: $c) { nodes { type } } }"
    found = await stage.ask(query, token, c=cursor)
    assert found["data"]["events"]["nodes"] == [{"type": "scene.missed"}]
