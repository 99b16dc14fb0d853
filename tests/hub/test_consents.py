"""People let the hub in at oidc-provider, and come back; refresh tokens rotate there, and one that
is shown twice ends the whole family."""

import asyncio
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_plus

import httpx2
import pytest
import pytest_asyncio
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from innohub.db.unit_of_work import Database
from innohub.errors import Denied, Invalid, NotFound, WrongState
from innohub.hub import service
from innohub.hub.access import credentials
from innohub.hub.access.authorisation import Consent, Credential, CredentialKind
from innohub.hub.access.token_answer import Granted, NotGranted
from innohub.hub.access.tokens import Tokens
from innohub.hub.commands import ChangeConnection, PauseConnection
from innohub.hub.connectors.contract import OutcomeClass
from innohub.hub.connectors.grants import Grant
from innohub.hub.consents import NotLetIn, forget
from innohub.hub.models import Connection, ConnectionState
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub
from innohub.identity.models import Role
from innohub.notices.models import Notice
from innohub.settings import Settings
from tests.counterparts import oidc
from tests.counterparts.oidc import AuthorizationServer
from tests.factories import a_supplier, somebody
from tests.hub.consented import CLIENT_ID, SECRET, SESSION, Way, a_server, hub_of, returned
from tests.hub.scene import (
    RealClock,
    a_connection,
    a_courier,
    deliveries,
    happen,
    lanes,
    served,
    the_connection,
)

BACK = "http://hub.test/integrations/callback"


@pytest.fixture(scope="module")
def server() -> Iterator[AuthorizationServer]:
    with a_server(BACK) as server:
        yield server


@pytest.fixture
def hub(settings: Settings) -> Hub:
    return hub_of(settings)


@pytest.fixture
def grant(hub: Hub) -> Grant:
    grant = hub.registry.get("consented").manifest.authorise
    assert grant is not None
    return grant


@pytest_asyncio.fixture
async def way(database: Database, hub: Hub, outbound: Outbound, server: AuthorizationServer) -> Way:
    return await Way.to(database, hub, outbound, server)


@pytest.fixture
def tokens(database: Database, hub: Hub, outbound: Outbound) -> Tokens:
    return Tokens(database, hub, outbound)


async def the_row(way: Way) -> Credential:
    async with way.database.session() as session:
        kind = CredentialKind.ACCESS_TOKEN
        row = (await credentials.read_all(session, way.supplied.connection.id)).get(kind)
    assert row is not None
    return row


async def held(way: Way) -> Granted:
    text = credentials.opened(way.hub.vault, await the_row(way), way.supplied.connection)
    assert text is not None
    return Granted.of(text)


async def state_of(way: Way) -> ConnectionState:
    return (await the_connection(way.database, way.supplied)).state


async def test_a_person_lets_the_hub_in_and_the_connection_is_active(
    way: Way, server: AuthorizationServer, tokens: Tokens, grant: Grant
) -> None:
    assert way.supplied.connection.state is ConnectionState.AUTHORISING
    connection = await way.gone()

    assert connection.state is ConnectionState.ACTIVE
    assert connection.state_reason is None
    asked = server.seen()["authorised"][-1]
    assert (asked["code_challenge_method"], asked["prompt"]) == ("S256", "consent")
    assert asked["redirect_uri"] == BACK
    token = await tokens.current(connection, grant)
    assert token.generation == 1
    kept = await held(way)
    assert kept.refresh_token
    row = await the_row(way)
    assert row.ciphertext is not None
    assert kept.refresh_token.encode() not in row.ciphertext
    assert kept.refresh_token not in repr(kept)


async def test_before_anybody_consented_nothing_lines_up_and_nothing_is_sent(way: Way) -> None:
    await happen(way.database, way.supplied.supplier)
    assert await deliveries(way.database) == []


async def test_each_refresh_brings_the_next_refresh_token(
    way: Way, tokens: Tokens, grant: Grant
) -> None:
    connection = await way.gone()
    seen = {(await held(way)).refresh_token}
    for generation in (1, 2, 3):
        token = await tokens.current(connection, grant, refused=generation)
        assert token.generation == generation + 1
        seen.add((await held(way)).refresh_token)
    assert len(seen) == 4


async def test_many_workers_at_once_refresh_once(
    way: Way, server: AuthorizationServer, grant: Grant
) -> None:
    """Trap 6: a second refresh with the same token would end the whole family."""
    connection = await way.gone()
    before = server.granted(CLIENT_ID, "refresh_token")
    async with Outbound(allow_loopback=True) as one, Outbound(allow_loopback=True) as other:
        workers = [Tokens(way.database, way.hub, each) for each in (one, other, way.outbound)]
        found = await asyncio.gather(
            *(w.current(connection, grant, refused=1) for w in workers for _ in range(6))
        )
        assert len({token.value for token in found}) == 1
        assert server.granted(CLIENT_ID, "refresh_token") == before + 1
        # The family is alive: the next refresh counts too.
        await workers[0].current(connection, grant, refused=2)


async def test_several_processes_at_once_refresh_once(
    way: Way, server: AuthorizationServer, settings: Settings
) -> None:
    connection = await way.gone()
    before = server.granted(CLIENT_ID, "refresh_token")
    assert settings.database_url is not None
    started = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.hub.refreshing",
            settings.database_url,
            settings.vault_secret,
            str(connection.id),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for _ in range(3)
    ]
    for each in started:
        assert each.stdout is not None
        assert (await each.stdout.readline()).strip() == b"ready"
    said = await asyncio.gather(*(each.communicate(b"go\n") for each in started))
    lines = [line for out, _ in said for line in out.decode().splitlines()]
    found = [line.partition("=")[2] for line in lines if line.startswith("token=")]
    assert found == [(await held(way)).access_token] * 15
    assert server.granted(CLIENT_ID, "refresh_token") == before + 1


async def spend(way: Way, server: AuthorizationServer) -> None:
    """Somebody else shows the stored refresh token, and so spends it."""
    async with httpx2.AsyncClient(trust_env=False) as thief:
        answer = await thief.post(
            server.token_url,
            data={"grant_type": "refresh_token", "refresh_token": (await held(way)).refresh_token},
            auth=(CLIENT_ID, quote_plus(SECRET)),
        )
    assert answer.status_code == 200


async def test_a_family_that_was_ended_stops_the_connection_and_its_people_are_told(
    way: Way, server: AuthorizationServer, clock: RealClock
) -> None:
    await way.gone()
    await spend(way, server)
    clock.pass_seconds(700)
    courier = a_courier(way.database, way.hub, way.outbound)
    await happen(way.database, way.supplied.supplier, times=2)
    await courier.drain()

    connection = await the_connection(way.database, way.supplied)
    assert connection.state is ConnectionState.AUTH_EXPIRED
    assert "invalid_grant" in (connection.state_reason or "")
    assert [lane.pending for lane in await lanes(way.database)] == [2]
    async with way.database.session() as session:
        notice = (await session.scalars(select(Notice))).one()
    assert notice.person_id == way.supplied.admin.person.id
    assert notice.path == f"/integrations/{connection.id}"
    assert "no longer lets the hub in" in notice.text

    assert (await way.gone()).state is ConnectionState.ACTIVE
    assert (await the_connection(way.database, way.supplied)).state_reason is None


async def test_a_refresh_that_was_overtaken_takes_what_the_other_was_given(
    database: Database, hub: Hub, outbound: Outbound, server: AuthorizationServer, grant: Grant,
    clock: RealClock,
) -> None:  # fmt: skip
    """The first to ask is so slow that its lease ends; it is refused what the second was given."""
    asked, late = asyncio.Event(), asyncio.Event()

    async def token(request: Request) -> Response:
        form = await request.form()
        if form["grant_type"] == "authorization_code":
            return JSONResponse({"access_token": "first", "refresh_token": "r1"})
        if not asked.is_set():
            asked.set()
            await late.wait()
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse({"access_token": "second", "refresh_token": "r2"})

    async with served(Starlette(routes=[Route("/token", token, methods=["POST"])])) as url:
        way = await Way.to(database, hub, outbound, server, token_url=f"{url}/token")
        connection = await way.gone()
        slow = asyncio.create_task(
            Tokens(database, hub, outbound).current(connection, grant, refused=1)
        )
        await asked.wait()
        clock.pass_seconds(31)
        quick = await Tokens(database, hub, outbound).current(connection, grant, refused=1)
        late.set()
        assert await slow == quick
    assert quick.value == "second"


async def test_that_an_old_token_still_works_is_not_taken_for_its_being_alive(
    database: Database, hub: Hub, outbound: Outbound, grant: Grant
) -> None:
    """Trap 7: this server honours a token for 15 seconds after its end."""
    with a_server(BACK, seconds=2) as server:
        way = await Way.to(database, hub, outbound, server)
        connection = await way.gone()
        old = (await held(way)).access_token
        await asyncio.sleep(2.1)
        async with httpx2.AsyncClient(trust_env=False) as reader:
            bearer = {"authorization": f"Bearer {old}"}
            answer = await reader.get(f"{server.issuer}/me", headers=bearer)
        assert answer.status_code == 200
        token = await Tokens(database, hub, outbound).current(connection, grant)
    assert token.generation == 2
    assert token.value != old


async def refused(way: Way, *args: Any, **changes: Any) -> NotLetIn:
    with pytest.raises(NotLetIn) as refusal:
        await way.back(*args, **changes)
    assert await state_of(way) is ConnectionState.AUTHORISING
    assert (await the_row(way)).ciphertext is None
    return refusal.value


async def test_a_no_is_told_as_a_no(way: Way) -> None:
    answer = returned(await oidc.let_in(await way.begun(), denying=True))
    assert answer.error == "access_denied"
    error = await refused(way, answer)
    assert "said no" in error.message
    assert error.address == f"/integrations/{way.supplied.connection.id}"
    assert (await way.gone()).state is ConnectionState.ACTIVE


async def test_an_answer_counts_once(way: Way) -> None:
    answer = returned(await oidc.let_in(await way.begun()))
    await way.back(answer)
    with pytest.raises(NotLetIn, match="used already"):
        await way.back(answer)


async def test_a_strange_state_is_refused(way: Way) -> None:
    answer = returned(await oidc.let_in(await way.begun()), state="made up")
    assert "begun here" in (await refused(way, answer)).message


async def test_an_old_state_is_refused(way: Way, clock: RealClock) -> None:
    answer = returned(await oidc.let_in(await way.begun()))
    clock.pass_seconds(601)
    assert "longer than 10 minutes" in (await refused(way, answer)).message


async def test_another_person_cannot_finish_what_somebody_began(way: Way) -> None:
    answer = returned(await oidc.let_in(await way.begun()))
    colleague = await somebody(way.database, way.supplied.supplier, Role.SUPPLIER_ADMIN)
    rival = await somebody(way.database, await a_supplier(way.database), Role.SUPPLIER_ADMIN)
    for person in (colleague, rival):
        assert "Somebody else began this" in (await refused(way, answer, by=person)).message
    # Nobody but its owner uses it up.
    assert (await way.back(answer)).state is ConnectionState.ACTIVE


async def test_another_session_of_the_same_person_cannot_either(way: Way) -> None:
    answer = returned(await oidc.let_in(await way.begun()))
    error = await refused(way, answer, session_id=SESSION + 1)
    assert "signed in anew" in error.message


async def test_what_an_api_client_began_one_of_its_people_finishes(way: Way) -> None:
    answer = returned(await oidc.let_in(await way.begun(session_id=None)))
    assert (await way.back(answer, session_id=99)).state is ConnectionState.ACTIVE


async def test_a_code_that_is_refused_is_told_in_the_servers_words(way: Way) -> None:
    answer = returned(await oidc.let_in(await way.begun()), code="made-up")
    error = await refused(way, answer)
    assert "invalid_grant" in error.message
    assert "made-up" not in error.message


async def test_a_code_of_another_way_is_refused_for_its_verifier(way: Way) -> None:
    """PKCE: a code that was stolen into another session is worth nothing there."""
    stolen = returned(await oidc.let_in(await way.begun()))
    mine = returned(await oidc.let_in(await way.begun()))
    error = await refused(way, returned("", state=mine.state, code=stolen.code))
    assert "invalid_grant" in error.message


@pytest.mark.parametrize("named", ["right", "wrong"])
async def test_the_issuer_is_checked_where_the_manifest_names_one(
    database: Database, hub: Hub, outbound: Outbound, server: AuthorizationServer, named: str
) -> None:
    issuer = server.issuer if named == "right" else "https://as.example.com"
    way = await Way.to(database, hub, outbound, server, issuer=issuer)
    answer = returned(await oidc.let_in(await way.begun()))
    if named == "right":
        assert (await way.back(answer)).state is ConnectionState.ACTIVE
    else:
        assert "does not come from https://as.example.com" in (await refused(way, answer)).message


async def test_a_token_address_that_answers_a_page_is_told(
    database: Database, hub: Hub, outbound: Outbound, server: AuthorizationServer
) -> None:
    async def page(request: Request) -> Response:
        return HTMLResponse("<!doctype html><title>Sign in</title>")

    async with served(Starlette(routes=[Route("/token", page, methods=["POST"])])) as url:
        way = await Way.to(database, hub, outbound, server, token_url=f"{url}/token")
        answer = returned(await oidc.let_in(await way.begun()))
        assert "a web page and no token" in (await refused(way, answer)).message


async def test_only_the_suppliers_administrator_begins(
    way: Way, server: AuthorizationServer
) -> None:
    own = way.supplied.supplier
    rival = await somebody(way.database, await a_supplier(way.database), Role.SUPPLIER_ADMIN)
    editor = await somebody(way.database, own, Role.SUPPLIER_EDITOR)
    for person, error in ((rival, NotFound), (editor, Denied)):
        with pytest.raises(error):
            await way.begun(by=person)


async def test_a_connection_that_is_paused_is_resumed_first(way: Way) -> None:
    await way.gone()
    actor = way.supplied.admin.actor
    async with way.database.unit_of_work(actor.signature()) as work:
        command = PauseConnection(connection_id=way.supplied.connection.id)
        await service.pause_connection(work, actor, command)
    with pytest.raises(WrongState):
        await way.begun()


async def test_a_connector_without_consent_invites_nobody(
    database: Database, hub: Hub, outbound: Outbound, server: AuthorizationServer
) -> None:
    supplied = await a_connection(database, hub, "http://127.0.0.1:9")
    with pytest.raises(Invalid, match="nobody's consent"):
        await Way(database, hub, outbound, supplied).begun()


async def change(way: Way, **fields: Any) -> Connection:
    actor = way.supplied.admin.actor
    given = ChangeConnection.parse({"connection_id": way.supplied.connection.id, **fields})
    async with way.database.unit_of_work(actor.signature()) as work:
        return await service.change_connection(work, actor, given, hub=way.hub)


async def test_consent_outlives_a_change_of_what_was_not_asked(way: Way) -> None:
    await way.gone()
    before = await held(way)
    endpoint = {"endpoint": "http://127.0.0.1:9/elsewhere"}
    changed = await change(way, config=endpoint, secrets={"client_secret": "rotated"})
    assert changed.state is ConnectionState.ACTIVE
    assert await held(way) == before


async def test_another_client_asks_for_consent_anew_and_loses_no_event(way: Way) -> None:
    await way.gone()
    changed = await change(way, config={"client_id": "another"})
    assert changed.state is ConnectionState.AUTH_EXPIRED
    assert (await the_row(way)).ciphertext is None
    await happen(way.database, way.supplied.supplier)
    assert len(await deliveries(way.database)) == 1


async def test_without_a_refresh_token_the_end_of_access_asks_a_person(
    database: Database, hub: Hub, outbound: Outbound, server: AuthorizationServer, tokens: Tokens,
    grant: Grant,
) -> None:  # fmt: skip
    async def token(request: Request) -> Response:
        return JSONResponse({"access_token": "only", "token_type": "bearer"})

    async with served(Starlette(routes=[Route("/token", token, methods=["POST"])])) as url:
        way = await Way.to(database, hub, outbound, server, token_url=f"{url}/token")
        connection = await way.gone()
        assert (await tokens.current(connection, grant)).value == "only"
        with pytest.raises(NotGranted) as refusal:
            await tokens.current(connection, grant, refused=1)
    assert refusal.value.outcome.kind is OutcomeClass.AUTH_REVOKED


async def test_consents_that_were_not_given_are_forgotten(way: Way, clock: RealClock) -> None:
    await way.begun()
    for days, left in ((0, 1), (1, 1), (2, 0)):
        clock.pass_seconds(86_400 if days else 0)
        async with way.database.session() as session, session.begin():
            await forget(session, now=clock())
            assert await session.scalar(select(func.count(Consent.id))) == left
