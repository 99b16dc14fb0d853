"""The sandbox: the same API over other data. Nothing passes from one to the other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from sqlalchemy import func, select, text
from starlette.applications import Starlette
from websockets.asyncio.client import connect

from innohub.app import create_app
from innohub.db import identifiers
from innohub.db.engine import create_engine
from innohub.db.unit_of_work import Database
from innohub.graphql.live import Live
from innohub.graphql.websocket import PROTOCOL
from innohub.hub.database import database_of
from innohub.identity.actor import SYSTEM
from innohub.identity.commands import AddOrganisation, RevokeClient
from innohub.identity.directory import add_organisation
from innohub.identity.models import Organisation, OrganisationKind
from innohub.identity.oauth import clients
from innohub.identity.oauth.access_tokens import signed
from innohub.identity.sandbox import slug_of
from innohub.market.catalogue.models import Technology
from innohub.market.documents.models import Document
from innohub.outbox.models import AuditEntry
from innohub.outbox.service import record
from innohub.seed.sandbox.telling import FIRST_PERSON
from innohub.settings import Settings
from tests.conftest import Another, Clock, empty
from tests.graphql.live.stage import PATIENCE, Socket, event_of, serving
from tests.market.documents import samples
from tests.security.flow import Person, Program, a_program
from tests.web.browser import a_port
from tests.web.visitor import Seen

SCOPES = (
    "listings.read",
    "listings.write",
    "pilots.read_own",
    "pilots.respond",
    "events.subscribe",
)
DRAFT = """
mutation Draft($input: DraftTechnologyInput!) {
  draftTechnology(input: $input) {
    ... on TechnologyPayload { technology { id name } }
    ... on Failure { code message }
  }
}
"""
OWN = """{
  viewer { seats { organisationId } }
  listings(first: 20) { nodes { name state } }
  pilots(first: 20) { nodes { id state } }
}"""
EVERYWHERE = (
    ("POST", "/graphql"), ("POST", "/graphql/stream"), ("POST", "/documents"), ("GET", "/pilots"),
)  # fmt: skip


@pytest.fixture(scope="session")
def sandbox_url(another: Another) -> str:
    return another("sandbox")


@pytest.fixture
def settings(settings: Settings, sandbox_url: str) -> Settings:
    return settings.model_copy(update={"sandbox_database_url": sandbox_url, "redis_url": None})


@pytest_asyncio.fixture
async def inside(settings: Settings, sandbox_url: str, clock: Clock) -> AsyncIterator[Database]:
    """The sandbox's own database, without a market."""
    engine = create_engine(sandbox_url, settings)
    database = database_of(engine, clock=clock)
    await empty(database)
    yield database
    await engine.dispose()


@pytest_asyncio.fixture
async def double(inside: Database, supplier: Organisation) -> Organisation:
    """The supplier's, which has nothing yet."""
    command = AddOrganisation(
        kind=OrganisationKind.SUPPLIER, slug=slug_of(supplier.id), name="The double"
    )
    async with inside.unit_of_work(SYSTEM.signature()) as work:
        return await add_organisation(work, SYSTEM, command)


@dataclass
class Machine:
    hub: httpx2.AsyncClient
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def ask(self, query: str, **variables: Any) -> Any:
        body = {"query": query, "variables": variables}
        answer = await self.hub.post("/graphql", json=body, headers=self.headers)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert "errors" not in found, found
        return found["data"]

    async def draft(self, name: str) -> str:
        facts = {"name": name, "summary": "Counts the parked bicycles of a station.", "trl": 7}
        given = {**facts, "category": "software_saas", "trlEvidence": "In service."}
        made = (await self.ask(DRAFT, input=given))["draftTechnology"]
        id: str = made["technology"]["id"]
        return id

    async def listed(self) -> list[str]:
        return [one["name"] for one in (await self.ask(OWN))["listings"]["nodes"]]


async def machine_of(hub: httpx2.AsyncClient, program: Program) -> Machine:
    answer = await program.post(hub, {"grant_type": "client_credentials"})
    return Machine(hub, answer.json()["access_token"])


@pytest_asyncio.fixture
async def built(database: Database, supplier: Organisation) -> Program:
    return await a_program(database, supplier, *SCOPES, sandbox=True)


@pytest_asyncio.fixture
async def ready(database: Database, supplier: Organisation) -> Program:
    return await a_program(database, supplier, *SCOPES)


async def count(database: Database, table: Any) -> int:
    async with database.session() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


# What does not get through.


async def test_without_a_sandbox_its_tokens_count_nowhere(
    ada: Person, built: Program, settings: Settings, clock: Clock
) -> None:
    machine = await machine_of(ada.client, built)
    closed = create_app(settings.model_copy(update={"sandbox_database_url": None}), clock=clock)
    async with closed.router.lifespan_context(closed), _client(closed, settings) as hub:
        for method, path in EVERYWHERE:
            answer = await hub.request(method, path, headers=machine.headers)
            assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token"), path
            assert "sandbox" in answer.headers["www-authenticate"]


async def test_a_token_that_says_of_itself_where_it_counts_is_not_believed(
    ada: Person,
    app: Starlette,
    double: Organisation,
    built: Program,
    ready: Program,
    clock: Clock,
) -> None:
    """The client's own row decides; the claim alone does not, even with our signature."""
    for program, claimed in ((built, {}), (ready, {"sandbox": True})):
        machine = await machine_of(ada.client, program)
        token = app.state.verifier.judged(machine.token, clock())
        claims = {name: value for name, value in token.claims.items() if name != "sandbox"}
        [key] = app.state.keys._private.values()
        headers = {"Authorization": f"Bearer {signed(key, {**claims, **claimed})}"}
        answer = await ada.client.post("/graphql", json={"query": OWN}, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


async def test_a_client_of_the_sandbox_is_not_registered_where_there_is_none(
    ada: Person, supplier: Organisation, settings: Settings, clock: Clock
) -> None:
    register = """mutation ($input: RegisterClientInput!) { registerApiClient(input: $input) {
        ... on Failure { code field rule } } }"""
    given = {"name": "Sync", "scopes": ["LISTINGS_READ"], "sandbox": True}
    body = {"query": register, "variables": {"input": given}}
    closed = create_app(settings.model_copy(update={"sandbox_database_url": None}), clock=clock)
    async with closed.router.lifespan_context(closed):
        elsewhere = await Person.at(closed, settings, ada.person)
        told = (await elsewhere.client.post("/graphql", json=body)).json()["data"]
        refused = {"code": "invalid", "field": "sandbox", "rule": "sandbox_is_open"}
        assert told == {"registerApiClient": refused}
        assert "sandbox" not in (await elsewhere.see("/programs/new")).main.text.lower()


# What is in one is not in the other.


async def test_what_is_done_in_the_sandbox_is_done_there_and_nowhere_else(
    ada: Person,
    double: Organisation,
    database: Database,
    inside: Database,
    built: Program,
    ready: Program,
) -> None:
    building, live = await machine_of(ada.client, built), await machine_of(ada.client, ready)
    await live.draft("Unpublished in the market")
    entries = await count(database, AuditEntry)

    id = await building.draft("Built in the sandbox")
    form = {"technologyId": id, "title": "Guide", "marking": "OFFICIAL"}
    file = {"file": ("guide.pdf", samples.PDF)}
    sent = await ada.client.post("/documents", data=form, files=file, headers=building.headers)

    assert sent.status_code == 201, sent.text
    fetched = await ada.client.get(sent.headers["location"], headers=building.headers)
    assert fetched.content == samples.PDF
    elsewhere = await ada.client.get(sent.headers["location"], headers=live.headers)
    assert elsewhere.status_code == 404
    assert await building.listed() == ["Built in the sandbox"]
    assert await live.listed() == ["Unpublished in the market"]
    [seat] = (await building.ask(OWN))["viewer"]["seats"]
    assert seat["organisationId"] == identifiers.encode("Supplier", double.id)
    assert [await count(one, Technology) for one in (database, inside)] == [1, 1]
    assert [await count(one, Document) for one in (database, inside)] == [0, 1]
    assert await count(database, AuditEntry) == entries


async def test_events_of_the_sandbox_are_told_to_its_programs_alone(
    inside: Database,
    double: Organisation,
    supplier: Organisation,
    built: Program,
    ready: Program,
    settings: Settings,
    clock: Clock,
) -> None:
    """Over a socket whose token comes after it is open, and with one that comes before."""
    with a_port() as bound:
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        here = settings.model_copy(update={"base_url": url})
        app, own = create_app(here, clock=clock), httpx2.AsyncClient(base_url=url, trust_env=False)
        async with serving(app, here, bound), own as hub:
            building, live = await machine_of(hub, built), await machine_of(hub, ready)
            assert await _closes(url, building.headers, live.token) == 4403
            events = "subscription { events { type } }"
            heard = {}
            async with _socket(url, building.token) as theirs, _socket(url, live.token) as ours:
                for name, socket in (("theirs", theirs), ("ours", ours)):
                    await socket.subscribe(name, events)
                await _followed(app.state.live, app.state.sandbox.state.live)
                # To the organisation, on either side.
                await _happens(inside, double, "sandbox.happened")
                await _happens(app.state.database, supplier, "market.happened")
                for name, socket in (("theirs", theirs), ("ours", ours)):
                    heard[name] = await socket.next(name)
                    await socket.hears_nothing()
    assert heard["theirs"]["events"]["type"] == "sandbox.happened"
    assert heard["ours"]["events"]["type"] == "market.happened"


async def test_a_program_of_the_sandbox_acts_for_a_person_who_is_told_so(
    ada: Person, double: Organisation, inside: Database, built: Program, database: Database
) -> None:
    page = Seen(await ada.asked(built, scope="openid listings.read listings.write"))
    assert "Sandbox" in page.main.text
    tokens = await ada.tokens_for(built, scope="openid email listings.read listings.write")
    machine = Machine(ada.client, tokens["access_token"])
    await machine.draft("Built by Ada")
    person = identifiers.encode("Person", ada.person.id)
    told = await ada.client.get("/oauth/userinfo", headers=machine.headers)
    assert told.json() == {"sub": person, "email": ada.person.email}
    asked = {"token": machine.token}
    known = await ada.client.post("/oauth/introspect", data=asked, headers=built.basic)
    assert (known.json()["active"], known.json()["sandbox"]) == (True, True)
    assert "Sandbox" in (await ada.see("/programs")).main.text
    async with database.unit_of_work(SYSTEM.signature()) as work:
        await clients.revoke_client(work, SYSTEM, RevokeClient(client_id=built.id))
    refused = await ada.client.post("/graphql", json={"query": OWN}, headers=machine.headers)
    assert refused.status_code == 401


async def test_a_supplier_finds_trials_of_its_own_to_build_against(
    ada: Person, inside: Database, built: Program
) -> None:
    machine = await machine_of(ada.client, built)
    # Of two that come at once, one waits for the other's telling.
    first, second = await asyncio.gather(machine.ask(OWN), machine.ask(OWN))
    assert first == second
    told = {one["name"]: one["state"] for one in first["listings"]["nodes"]}
    [sample] = [name for name in told if name.startswith("Sample product")]
    assert told[sample] == "PUBLISHED"
    states = {one["state"]: one["id"] for one in first["pilots"]["nodes"]}
    assert set(states) == {"PUBLISHED", "RUNNING", "SCOPING"}
    accept = """mutation ($input: AcceptPilotInput!) { acceptPilot(input: $input) {
        ... on PilotPayload { pilot { state } } ... on Failure { code message } } }"""
    accepted = await machine.ask(accept, input={"pilotId": states["SCOPING"]})
    assert "pilot" in accepted["acceptPilot"], accepted
    feed = '{ events(first: 50, filter: {types: ["pilot.*"]}) { nodes { type } } }'
    types = {one["type"] for one in (await machine.ask(feed))["events"]["nodes"]}
    assert {"pilot.requested", "pilot.result_published"} <= types
    async with inside.session() as session:
        assert await session.scalar(text("SELECT min(id) FROM person")) >= FIRST_PERSON


@asynccontextmanager
async def _socket(url: str, token: str, **more: Any) -> AsyncIterator[Socket]:
    address = url.replace("http", "ws") + "/graphql"
    async with connect(address, subprotocols=[PROTOCOL], **more) as connection:
        socket = Socket(connection)
        await socket.say(type="connection_init", payload={"Authorization": f"Bearer {token}"})
        assert await socket.hears() == {"type": "connection_ack"}
        yield socket


async def _closes(url: str, headers: dict[str, str], token: str) -> int:
    """The code with which a socket is closed that opens with one token and goes on with another."""
    address = url.replace("http", "ws") + "/graphql"
    async with connect(address, subprotocols=[PROTOCOL], additional_headers=headers) as connection:
        socket = Socket(connection)
        await socket.say(type="connection_init", payload={"Authorization": f"Bearer {token}"})
        return (await socket.closed())[0]


async def _happens(database: Database, supplier: Organisation, type: str) -> None:
    async with database.unit_of_work(SYSTEM.signature()) as work:
        event = event_of(type)(stream="technology/1", supplier_id=supplier.id)
        await record(work, "technology:test", supplier, event=event)


async def _followed(*several: Live) -> None:
    """Return once each is followed by somebody: the protocol does not tell."""
    async with asyncio.timeout(PATIENCE):
        while not all(live.feed._followers for live in several):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def _client(app: Starlette, settings: Settings) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=app)
    return httpx2.AsyncClient(transport=transport, base_url=settings.base_url)
