"""Queries go to a standby, and nobody reads less there than from the database itself: their own
changes least of all. A real streaming standby, whose replay is stopped by hand."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from starlette.applications import Starlette
from typer.testing import CliRunner

from bench.cluster.standby import Standby, a_primary, a_standby
from innohub.app import create_app
from innohub.cli.main import app
from innohub.db import migrate, replica
from innohub.db.engine import create_engine
from innohub.db.unit_of_work import Database
from innohub.identity import sessions
from innohub.identity.models import Role
from innohub.identity.permissions import Scope
from innohub.outbox import sealing
from innohub.settings import Settings, environment_names
from innohub.telemetry import metrics
from tests import factories
from tests.conftest import Clock, empty
from tests.identity.a_hub import a_client, a_machine, a_token
from tests.web.visitor import Visitor

COUNT = "{ listings { totalCount } }"
DRAFT = """mutation ($name: String!) {
    draftTechnology(input: {name: $name, summary: "S", category: "body_worn_video", trl: 7}) {
        __typename ... on Failure { code } } }"""


@pytest.fixture(scope="module")
def primary_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with a_primary(tmp_path_factory.mktemp("primary")) as url:
        asyncio.run(migrate.upgrade(url))
        yield url


@pytest.fixture(scope="module")
def standby(primary_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standby]:
    with a_standby(primary_url, tmp_path_factory.mktemp("standby") / "server") as standby:
        yield standby


class Market:
    """A hub of one supplier, whose machine and whose person read where the hub lets them."""

    def __init__(self, app: Starlette, database: Database, clock: Clock) -> None:
        self.app, self.database, self.clock = app, database, clock
        self.hub = a_client(app, app.state.settings)
        self.headers: dict[str, str] = {}

    async def open(self) -> None:
        supplier = await factories.a_supplier(self.database)
        self.machine = await a_machine(
            self.database, supplier, Scope.LISTINGS_READ, Scope.LISTINGS_WRITE
        )
        self.headers = {"Authorization": f"Bearer {await a_token(self.hub, self.machine)}"}
        self.person = await factories.somebody(self.database, supplier, Role.SUPPLIER_EDITOR)

    async def asks(self, query: str, **variables: Any) -> httpx2.Response:
        body = {"query": query, "variables": variables}
        return await self.hub.post("/graphql", json=body, headers=self.headers)

    async def drafts(self, name: str) -> None:
        answer = await self.asks(DRAFT, name=name)
        assert answer.json()["data"]["draftTechnology"]["__typename"] == "TechnologyPayload"

    async def counts(self) -> int:
        answer = await self.asks(COUNT)
        found: int = answer.json()["data"]["listings"]["totalCount"]
        return found


@pytest_asyncio.fixture
async def market(
    primary_url: str,
    standby: Standby,
    tmp_path: Path,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Market]:
    monkeypatch.setattr(replica, "CHECK_SECONDS", 0.0)
    settings = Settings(
        database_url=primary_url,
        database_read_url=standby.url,
        data_dir=tmp_path,
        base_url="http://hub.test",
        requests_a_minute=0,
        read_lag_seconds=60,
    )
    engine = create_engine(primary_url, settings)
    database = Database(engine, clock=clock)
    database.before_commit.append(sealing.seal)
    await empty(database)
    hub = create_app(settings, clock=clock)
    async with hub.router.lifespan_context(hub):
        market = Market(hub, database, clock)
        await market.open()
        await market.drafts("One")
        await standby.resume()
        # The first question finds no moment at which the standby is known to have been up to date.
        await market.counts()
        yield market
    await standby.resume()
    await engine.dispose()


def answered() -> dict[tuple[str, str], float]:
    """How many queries were answered by whom, and why."""
    return {
        (sample.labels["source"], sample.labels["why"]): sample.value
        for family in metrics.reads.collect()
        for sample in family.samples
        if sample.name == "innohub_reads_total"
    }


class Answers:
    """Who answered since it was made."""

    def __init__(self) -> None:
        self._before = answered()

    @property
    def now(self) -> set[tuple[str, str]]:
        return {who for who, times in answered().items() if times > self._before.get(who, 0)}


COPY, UNSEEN, BEHIND, AWAY = (
    ("copy", "fit"),
    ("database", "unseen"),
    ("database", "behind"),
    ("database", "away"),
)


async def test_a_client_sees_its_own_change_at_once_and_others_when_the_standby_has_it(
    market: Market, standby: Standby
) -> None:
    answers = Answers()
    assert await market.counts() == 1
    assert answers.now == {COPY}
    await standby.pause()
    await market.drafts("Two")
    answers = Answers()
    assert await market.counts() == 2
    assert answers.now == {UNSEEN}
    # Nothing of a stranger's can be missing there: they read what the standby has.
    answers, market.headers = Answers(), {}
    await market.counts()
    assert answers.now == {COPY}


async def test_once_the_standby_has_the_change_its_writer_reads_there_again(
    market: Market, standby: Standby
) -> None:
    await standby.pause()
    await market.drafts("Two")
    await standby.resume()
    answers = Answers()
    assert await market.counts() == 2
    assert answers.now == {COPY}


async def test_a_person_sees_on_the_next_page_what_they_sent_and_signs_in_to_all_of_it(
    market: Market, standby: Standby
) -> None:
    visitor = await Visitor(market.app, "http://hub.test").sign_in_as(market.person.person)
    await standby.pause()
    answers = Answers()
    assert (await visitor.see("/account")).status == 200
    assert answers.now == {UNSEEN}
    market.clock.pass_days(0.01)
    answers = Answers()
    assert (await visitor.see("/listings")).status == 200
    assert answers.now == {COPY}
    page = await visitor.send(
        "/listings/new",
        "draft",
        {"name": "Sent", "summary": "S", "category": "body_worn_video", "trl": "7"},
    )
    assert "Sent" in page.heading
    answers = Answers()
    assert "Sent" in (await visitor.see("/listings")).main.text
    assert answers.now == {UNSEEN}
    await visitor.client.aclose()


async def test_who_was_signed_out_is_refused_though_the_standby_does_not_know_it(
    market: Market, standby: Standby
) -> None:
    visitor = await Visitor(market.app, "http://hub.test").sign_in_as(market.person.person)
    market.clock.pass_days(0.01)
    await standby.follow()
    assert (await visitor.client.post("/graphql", json={"query": COUNT})).status_code == 200
    await standby.pause()
    async with market.database.session() as session, session.begin():
        await sessions.end_all(session, market.person.person.id, now=market.clock())
    answer = await visitor.client.post("/graphql", json={"query": "{ viewer { name } }"})
    assert answer.json()["data"]["viewer"]["name"] == "Not signed in"
    await visitor.client.aclose()


async def test_a_standby_too_far_behind_is_left_alone(
    market: Market, standby: Standby, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(market.app.state.copy, "longest", 0.2)
    await standby.pause()
    await market.drafts("Two")
    market.headers = {}
    await market.counts()
    await asyncio.sleep(0.3)
    answers = Answers()
    await market.counts()
    assert answers.now == {BEHIND}
    await standby.resume()
    await market.counts()
    answers = Answers()
    await market.counts()
    assert answers.now == {COPY}


def test_the_doctor_says_that_it_follows_and_no_other_database_passes_for_it(
    primary_url: str,
    standby: Standby,
    migrated_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in environment_names():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_READ_URL", standby.url)
    monkeypatch.setenv("DATABASE_URL", primary_url)
    # It asks until the standby has caught up, for as long as that may take on a busy machine.
    monkeypatch.setenv("INNOHUB_READ_LAG_SECONDS", "60")
    said = CliRunner().invoke(app, ["doctor"]).stdout
    assert "✓ standby: Follows the database." in said, said
    monkeypatch.setenv("DATABASE_URL", migrated_url)
    assert "✗ standby: It is a copy of another" in CliRunner().invoke(app, ["doctor"]).stdout


async def test_while_the_standby_is_away_the_database_answers_and_afterwards_it_does_again(
    market: Market, standby: Standby, monkeypatch: pytest.MonkeyPatch
) -> None:
    standby.stop()
    answers = Answers()
    assert [await market.counts() for _ in range(3)] == [1, 1, 1]
    assert answers.now == {AWAY}
    await asyncio.to_thread(standby.start)
    monkeypatch.setattr(market.app.state.copy.pool, "_url", standby.url)
    # It is left in peace for a while, and then tried again.
    monkeypatch.setattr(market.app.state.copy, "_rests_until", 0.0)
    answers = Answers()
    assert await market.counts() == 1
    assert answers.now == {COPY}
