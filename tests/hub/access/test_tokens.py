"""Access tokens: fetched once for all, renewed in time, told from useless ones."""

import asyncio
import json
from base64 import b64decode
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from authlib.integrations.base_client import OAuthError
from sqlalchemy import select, update
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from innohub.db.unit_of_work import Database
from innohub.hub import service
from innohub.hub.access.authorisation import Credential, CredentialKind, RefreshState
from innohub.hub.access.credentials import margin
from innohub.hub.access.token_answer import NotGranted, refusal
from innohub.hub.access.tokens import AccessToken, Tokens
from innohub.hub.commands import ChangeConnection
from innohub.hub.connectors.contract import OutcomeClass
from innohub.hub.connectors.grants import ClientCredentials
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub
from tests.hub.scene import (
    CLIENT_ID,
    CLIENT_SECRET,
    RealClock,
    Receiving,
    Supplied,
    a_connection,
    a_receiver,
    served,
    the_connection,
)


@pytest_asyncio.fixture
async def tokens(database: Database, hub: Hub, outbound: Outbound) -> Tokens:
    return Tokens(database, hub, outbound)


@pytest.fixture
def grant(hub: Hub) -> ClientCredentials:
    found = hub.registry.get("webhook").manifest.authorise
    assert isinstance(found, ClientCredentials)
    return found


async def the_credential(database: Database) -> Credential:
    async with database.session() as session:
        found = select(Credential).where(Credential.kind == CredentialKind.ACCESS_TOKEN)
        return (await session.scalars(found)).one()


async def test_a_token_is_fetched_once_and_kept_sealed(
    database: Database,
    tokens: Tokens,
    grant: ClientCredentials,
    receiving: Receiving,
    supplied: Supplied,
) -> None:
    first = await tokens.current(supplied.connection, grant)
    second = await tokens.current(supplied.connection, grant)

    assert first == second == AccessToken(next(iter(receiving.inbox.tokens)), 1)
    assert receiving.inbox.tokens_issued == 1
    row = await the_credential(database)
    assert row.ciphertext is not None
    assert first.value.encode() not in row.ciphertext
    assert first.value not in repr(first)


async def test_many_who_ask_at_once_in_two_processes_cause_one_request(
    database: Database,
    hub: Hub,
    grant: ClientCredentials,
    receiving: Receiving,
    supplied: Supplied,
) -> None:
    async with Outbound(allow_loopback=True) as one, Outbound(allow_loopback=True) as other:
        processes = [Tokens(database, hub, each) for each in (one, other)]
        found = await asyncio.gather(
            *(each.current(supplied.connection, grant) for each in processes for _ in range(8))
        )
    assert len({token.value for token in found}) == 1
    assert receiving.inbox.tokens_issued == 1


async def test_many_refusals_of_one_old_token_cause_one_new_one(
    database: Database,
    hub: Hub,
    outbound: Outbound,
    tokens: Tokens,
    grant: ClientCredentials,
    receiving: Receiving,
    supplied: Supplied,
) -> None:
    old = await tokens.current(supplied.connection, grant)
    others = Tokens(database, hub, outbound)
    found = await asyncio.gather(
        *(
            each.current(supplied.connection, grant, refused=old.generation)
            for each in (tokens, others)
            for _ in range(5)
        )
    )
    assert {token.generation for token in found} == {old.generation + 1}
    assert receiving.inbox.tokens_issued == 2

    late = await tokens.current(supplied.connection, grant, refused=old.generation)
    assert late.generation == old.generation + 1
    assert receiving.inbox.tokens_issued == 2


async def test_a_token_is_renewed_ahead_of_its_end(
    tokens: Tokens,
    grant: ClientCredentials,
    receiving: Receiving,
    supplied: Supplied,
    clock: RealClock,
) -> None:
    receiving.inbox.token_seconds = 600
    await tokens.current(supplied.connection, grant)
    clock.pass_seconds(530)
    assert (await tokens.current(supplied.connection, grant)).generation == 1
    clock.pass_seconds(15)
    assert (await tokens.current(supplied.connection, grant)).generation == 2


def test_the_margin_is_a_minute_or_a_tenth_but_never_more_than_half() -> None:
    assert margin(600) == 60
    assert margin(3600) == 360
    assert margin(100) == 50
    assert margin(20) == 10


async def test_while_another_renews_a_token_that_still_counts_is_used(
    database: Database,
    tokens: Tokens,
    grant: ClientCredentials,
    receiving: Receiving,
    supplied: Supplied,
    clock: RealClock,
) -> None:
    receiving.inbox.token_seconds = 600
    await tokens.current(supplied.connection, grant)
    clock.pass_seconds(550)
    await mark_refreshing(database, clock)
    assert (await tokens.current(supplied.connection, grant)).generation == 1


async def test_a_renewal_whose_worker_died_is_taken_over(
    database: Database,
    tokens: Tokens,
    grant: ClientCredentials,
    receiving: Receiving,
    supplied: Supplied,
    clock: RealClock,
) -> None:
    await mark_refreshing(database, clock)
    clock.pass_seconds(31)
    assert (await tokens.current(supplied.connection, grant)).generation == 1


async def mark_refreshing(database: Database, clock: RealClock) -> None:
    async with database.session() as session, session.begin():
        await session.execute(
            update(Credential)
            .where(Credential.kind == CredentialKind.ACCESS_TOKEN)
            .values(
                refresh_state=RefreshState.REFRESHING,
                owner="dead",
                lease_until=clock() + timedelta(seconds=30),
            )
        )


async def test_an_answer_for_settings_that_changed_meanwhile_is_not_kept(
    database: Database,
    hub: Hub,
    outbound: Outbound,
    grant: ClientCredentials,
) -> None:
    asked, changed = asyncio.Event(), asyncio.Event()

    async def slow(request: Request) -> Response:
        asked.set()
        await changed.wait()
        return JSONResponse({"access_token": "of-old-settings", "token_type": "bearer"})

    async with served(Starlette(routes=[Route("/token", slow, methods=["POST"])])) as url:
        supplied = await a_connection(database, hub, url)
        asking = asyncio.create_task(
            Tokens(database, hub, outbound).current(supplied.connection, grant)
        )
        await asked.wait()
        command = ChangeConnection(
            connection_id=supplied.connection.id, config={"client_id": "another"}
        )
        async with database.unit_of_work(supplied.admin.actor.signature()) as work:
            await service.change_connection(work, supplied.admin.actor, command, hub=hub)
        changed.set()
        with pytest.raises(NotGranted) as refusal:
            await asking
    assert refusal.value.outcome.kind is OutcomeClass.RETRY
    assert (await the_credential(database)).ciphertext is None


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
@pytest.mark.parametrize("encoding", ["rfc6749", "raw"])
async def test_the_client_authenticates_as_the_manifest_says(
    database: Database,
    hub: Hub,
    tokens: Tokens,
    grant: ClientCredentials,
    method: str,
    encoding: str,
) -> None:
    seen: dict[str, Any] = {}

    async def token(request: Request) -> Response:
        seen["authorization"] = request.headers.get("authorization")
        seen["form"] = dict(await request.form())
        return JSONResponse({"access_token": "t", "token_type": "Bearer", "expires_in": "30"})

    async with served(Starlette(routes=[Route("/token", token, methods=["POST"])])) as url:
        supplied = await a_connection(database, hub, url)
        changed = grant.model_copy(update={"client_auth": method, "basic_encoding": encoding})
        await tokens.current(supplied.connection, changed)

    expected = {"grant_type": "client_credentials"}
    if method == "client_secret_post":
        expected |= {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        assert seen["authorization"] is None
    else:
        pair = {
            "raw": f"{CLIENT_ID}:{CLIENT_SECRET}",
            "rfc6749": "innohub%3A+at+%2520+the+supplier"
            ":s3cr%2Bt%2F+with%3Areserved%25characters%3D%26",
        }[encoding]
        scheme, _, encoded = str(seen["authorization"]).partition(" ")
        assert (scheme, b64decode(encoded).decode()) == ("Basic", pair)
    assert seen["form"] == expected


Answer = Callable[[Request], Awaitable[Response]]


def always(response: Callable[[], Response]) -> Answer:
    async def answer(request: Request) -> Response:
        return response()

    return answer


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (lambda: JSONResponse({"error": "invalid_client"}, 401), OutcomeClass.AUTH_REVOKED),
        (lambda: JSONResponse({"error": "invalid_scope"}, 400), OutcomeClass.AUTH_REVOKED),
        (lambda: JSONResponse({"error": "slow_down"}, 400), OutcomeClass.RETRY),
        (lambda: JSONResponse({"error": ["odd"]}, 400), OutcomeClass.RETRY),
        (lambda: PlainTextResponse("<html>Sign in</html>"), OutcomeClass.RETRY),
        (lambda: PlainTextResponse("busy", 503), OutcomeClass.RETRY),
        (lambda: PlainTextResponse("who are you", 403), OutcomeClass.RETRY),
        (lambda: JSONResponse(["a", "list"]), OutcomeClass.RETRY),
        (lambda: JSONResponse({"access_token": 7, "token_type": "bearer"}), OutcomeClass.RETRY),
        (lambda: JSONResponse({"access_token": "", "token_type": "bearer"}), OutcomeClass.RETRY),
        (
            lambda: JSONResponse({"access_token": "a\r\nx: y", "token_type": "bearer"}),
            OutcomeClass.RETRY,
        ),
        (lambda: JSONResponse({"access_token": "t", "token_type": "mac"}), OutcomeClass.RETRY),
        (lambda: JSONResponse({"access_token": "t" * 300_000}), OutcomeClass.RETRY),
        (lambda: PlainTextResponse("[" * 100_000), OutcomeClass.RETRY),
        (lambda: RedirectResponse("https://elsewhere.example/token"), OutcomeClass.RETRY),
    ],
)
async def test_a_useless_answer_is_told_in_an_outcome(
    database: Database,
    hub: Hub,
    tokens: Tokens,
    grant: ClientCredentials,
    answer: Callable[[], Response],
    kind: OutcomeClass,
) -> None:
    app = Starlette(routes=[Route("/token", always(answer), methods=["POST"])])
    async with served(app) as url:
        supplied = await a_connection(database, hub, url)
        with pytest.raises(NotGranted) as refusal:
            await tokens.current(supplied.connection, grant)
    assert refusal.value.outcome.kind is kind
    assert (await the_credential(database)).refresh_state is RefreshState.IDLE


@pytest.mark.parametrize("expires_in", [None, "soon", -3, 1e400, 1e300, {}])
async def test_a_token_without_a_sane_life_is_used_until_it_is_refused(
    database: Database,
    hub: Hub,
    tokens: Tokens,
    grant: ClientCredentials,
    clock: RealClock,
    expires_in: Any,
) -> None:
    body = {"access_token": "t", "token_type": "bearer"}
    text = '{"access_token":"t","token_type":"bearer","expires_in":1e400}'
    if expires_in != 1e400:
        text = json.dumps(body | {"expires_in": expires_in})
    app = Starlette(
        routes=[Route("/token", always(lambda: PlainTextResponse(text)), methods=["POST"])]
    )
    async with served(app) as url:
        supplied = await a_connection(database, hub, url)
        await tokens.current(supplied.connection, grant)
    clock.pass_seconds(86_400)
    assert (await tokens.current(supplied.connection, grant)).value == "t"


async def test_after_a_failure_nobody_asks_again_for_a_moment(
    database: Database, hub: Hub, tokens: Tokens, grant: ClientCredentials, clock: RealClock
) -> None:
    asked = 0

    async def broken(request: Request) -> Response:
        nonlocal asked
        asked += 1
        return PlainTextResponse("busy", 503)

    async with served(Starlette(routes=[Route("/token", broken, methods=["POST"])])) as url:
        supplied = await a_connection(database, hub, url)
        for _ in range(5):
            with pytest.raises(NotGranted):
                await tokens.current(supplied.connection, grant)
        assert asked == 1
        clock.pass_seconds(6)
        with pytest.raises(NotGranted):
            await tokens.current(supplied.connection, grant)
        assert asked == 2


async def test_a_token_moved_from_another_connection_does_not_open(
    database: Database, hub: Hub, tokens: Tokens, grant: ClientCredentials
) -> None:
    async with a_receiver() as mine, a_receiver() as theirs:
        me = await a_connection(database, hub, mine.url)
        them = await a_connection(database, hub, theirs.url)
        await tokens.current(them.connection, grant)
        async with database.session() as session, session.begin():
            rows = {
                row.connection_id: row
                for row in await session.scalars(
                    select(Credential).where(Credential.kind == CredentialKind.ACCESS_TOKEN)
                )
            }
            stolen, target = rows[them.connection.id], rows[me.connection.id]
            target.ciphertext, target.key_id = stolen.ciphertext, stolen.key_id
            target.expires_at = stolen.expires_at
        token = await tokens.current(me.connection, grant)
        assert token.value in mine.inbox.tokens
        assert token.value not in theirs.inbox.tokens


async def test_a_lost_client_secret_asks_the_supplier(
    database: Database, hub: Hub, tokens: Tokens, grant: ClientCredentials, supplied: Supplied
) -> None:
    async with database.session() as session, session.begin():
        await session.execute(
            update(Credential)
            .where(Credential.kind == CredentialKind.CLIENT_SECRET)
            .values(ciphertext=None, key_id=None)
        )
    with pytest.raises(NotGranted) as refusal:
        await tokens.current(await the_connection(database, supplied), grant)
    assert refusal.value.outcome.kind is OutcomeClass.AUTH_REVOKED


def test_a_servers_words_are_kept_without_what_cannot_be_stored_or_steers_a_screen() -> None:
    detail = refusal(OAuthError("so\x00so", "No\x00 such\x1b client\r\n")).outcome.detail
    assert (
        detail == "The authorization server answered with the error so so (No\ufffd such client)."
    )
