"""Who calls is remembered from request to request, and each read proves it anew: what was taken
from somebody is gone with their next request, however often they were seen before."""

from typing import Any

import httpx2
import pytest
import pytest_asyncio
from sqlalchemy import delete, update
from starlette.applications import Starlette

from innohub.db.unit_of_work import Database
from innohub.identity import sessions
from innohub.identity.models import Membership, OAuthClient, Organisation, Person, Role
from innohub.identity.permissions import Scope
from innohub.settings import Settings
from tests import factories
from tests.conftest import Clock
from tests.identity.a_hub import a_client, a_machine, a_token
from tests.web.visitor import Visitor

LISTINGS = {"query": "{ listings { totalCount } }"}
DRAFT = """mutation ($name: String!) {
    draftTechnology(input: {name: $name, summary: "S", category: "body_worn_video", trl: 7}) {
        __typename ... on Failure { code }
    } }"""


@pytest_asyncio.fixture
async def supplier(database: Database) -> Organisation:
    return await factories.a_supplier(database)


@pytest_asyncio.fixture
async def hub(app: Starlette, settings: Settings) -> httpx2.AsyncClient:
    return a_client(app, settings)


class Machine:
    """A supplier's client with one draft, which it has read before."""

    def __init__(self, hub: httpx2.AsyncClient, id: int, token: str) -> None:
        self.hub, self.id = hub, id
        self.headers = {"Authorization": f"Bearer {token}"}

    async def ask(self, body: Any = LISTINGS) -> httpx2.Response:
        return await self.hub.post("/graphql", json=body, headers=self.headers)

    async def counts(self) -> int:
        answer = await self.ask()
        assert answer.status_code == 200, answer.text
        found: int = answer.json()["data"]["listings"]["totalCount"]
        return found

    async def drafts(self, name: str) -> Any:
        answer = await self.ask({"query": DRAFT, "variables": {"name": name}})
        return answer.json()["data"]["draftTechnology"]


@pytest_asyncio.fixture
async def machine(database: Database, hub: httpx2.AsyncClient, supplier: Organisation) -> Machine:
    made = await a_machine(database, supplier, Scope.LISTINGS_READ, Scope.LISTINGS_WRITE)
    machine = Machine(hub, made.id, await a_token(hub, made))
    assert (await machine.drafts("One"))["__typename"] == "TechnologyPayload"
    assert [await machine.counts() for _ in range(3)] == [1, 1, 1]
    return machine


async def change(database: Database, *statements: Any) -> None:
    async with database.session() as session, session.begin():
        for statement in statements:
            await session.execute(statement)


async def test_a_known_caller_costs_no_statement_of_its_own(
    app: Starlette, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = app.state.reads
    connection = reads.connection
    times: list[None] = []

    def counted() -> Any:
        times.append(None)
        return connection()

    monkeypatch.setattr(reads, "connection", counted)
    assert await machine.counts() == 1
    assert len(times) == 1


async def test_a_revoked_client_is_refused_at_once(machine: Machine, database: Database) -> None:
    await change(database, update(OAuthClient).values(revoked_at=database.clock()))
    answer = await machine.ask()
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert (await machine.ask()).status_code == 401


async def test_a_token_ends_on_time(machine: Machine, clock: Clock) -> None:
    clock.pass_days(1)
    assert (await machine.ask()).status_code == 401


BROKEN = {"query": '{ listings { totalCount } pilot(id: "none") { id } }'}


@pytest.mark.parametrize(
    "body", [LISTINGS, {"query": DRAFT, "variables": {"name": "Two"}}, BROKEN], ids=repr
)
async def test_a_token_beyond_its_narrowed_client_is_refused_whatever_comes_first(
    machine: Machine, database: Database, body: Any
) -> None:
    """An answer with errors, which is not read in one statement, is judged so too."""
    assert (await machine.ask(BROKEN)).json()["data"]["listings"]["totalCount"] == 1
    await change(database, update(OAuthClient).values(scopes=[Scope.LISTINGS_READ]))
    assert (await machine.ask(body)).status_code == 401
    both = [Scope.LISTINGS_READ, Scope.LISTINGS_WRITE]
    await change(database, update(OAuthClient).values(scopes=both))
    assert await machine.counts() == 1


@pytest.mark.parametrize("loss", ["their role", "their session", "their account"])
async def test_a_person_loses_at_once_what_is_taken_from_them(
    visitor: Visitor, machine: Machine, database: Database, supplier: Organisation, loss: str
) -> None:  # fmt: skip
    editor = await factories.somebody(database, supplier, Role.SUPPLIER_EDITOR)
    await visitor.sign_in_as(editor.person)

    async def counts() -> int:
        answer = await visitor.client.post("/graphql", json=LISTINGS)
        found: int = answer.json()["data"]["listings"]["totalCount"]
        return found

    assert [await counts() for _ in range(3)] == [1, 1, 1]
    if loss == "their role":
        await change(database, delete(Membership).where(Membership.person_id == editor.person.id))
    elif loss == "their account":
        await change(database, update(Person).values(active=False))
    else:
        async with database.session() as session, session.begin():
            await sessions.end_all(session, editor.person.id, now=database.clock())
    assert await counts() == 0
