"""The hub works through a pooler by transaction: three server processes for all of its connections,
each somebody else's in the next moment. A real PgBouncer, of a version that passes on no prepared
statement."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import text
from starlette.applications import Starlette
from typer.testing import CliRunner

from innohub.app import create_app
from innohub.cli.main import app as commands
from innohub.db.engine import ReadPool, create_engine
from innohub.db.unit_of_work import Database
from innohub.identity.models import Role
from innohub.identity.permissions import Scope
from innohub.outbox import sealing
from innohub.settings import Settings, environment_names
from tests import factories
from tests.conftest import Clock, empty
from tests.db.pgbouncer import PROCESSES, a_pgbouncer
from tests.identity.a_hub import a_client, a_machine, a_token
from tests.web.visitor import Visitor

DRAFT = """mutation ($name: String!) {
    draftTechnology(input: {name: $name, summary: "S", category: "body_worn_video", trl: 7}) {
        __typename ... on Failure { code } } }"""
LISTED = """query ($first: Int) { listings(first: $first) { totalCount nodes {
    name trl capabilities { value } sections { section } versions { nodes { number } } } } }"""


@pytest.fixture(scope="module")
def pooled_url(migrated_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with a_pgbouncer(migrated_url, tmp_path_factory.mktemp("pgbouncer")) as pgbouncer:
        yield pgbouncer.url


@pytest.fixture
def settings(settings: Settings, pooled_url: str, migrated_url: str) -> Settings:
    return settings.model_copy(
        update={"database_url": pooled_url, "database_direct_url": migrated_url}
    )


@pytest_asyncio.fixture
async def database(settings: Settings, clock: Clock, pooled_url: str) -> AsyncIterator[Database]:
    engine = create_engine(pooled_url, settings)
    database = Database(engine, clock=clock)
    database.before_commit.append(sealing.seal)
    await empty(database)
    yield database
    await engine.dispose()


@pytest_asyncio.fixture
async def hub(settings: Settings, database: Database, clock: Clock) -> AsyncIterator[Starlette]:
    app = create_app(settings, clock=clock)
    async with app.router.lifespan_context(app):
        yield app


async def test_many_write_and_read_at_once_and_leave_nothing_in_any_session(
    hub: Starlette, database: Database, settings: Settings, pooled_url: str, migrated_url: str
) -> None:
    supplier = await factories.a_supplier(database)
    machine = await a_machine(database, supplier, Scope.LISTINGS_READ, Scope.LISTINGS_WRITE)
    async with a_client(hub, settings) as client:
        headers = {"Authorization": f"Bearer {await a_token(client, machine)}"}

        async def asks(query: str, **variables: Any) -> Any:
            body = {"query": query, "variables": variables}
            answer = await client.post("/graphql", json=body, headers=headers)
            assert answer.status_code == 200, answer.text
            return answer.json()["data"]

        drafted = [asks(DRAFT, name=f"Scanner {number}") for number in range(12)]
        # Different documents, so that different statements meet in one server process.
        read = [asks(LISTED, first=first) for first in range(1, 25)]
        found = await asyncio.gather(*drafted, *read)
        assert {one["draftTechnology"]["__typename"] for one in found[:12]} == {"TechnologyPayload"}
        assert (await asks(LISTED, first=20))["listings"]["totalCount"] == 12

    direct = await asyncpg.connect(migrated_url)
    try:
        lent = (
            "SELECT count(*) FROM pg_stat_activity WHERE client_port IS NOT NULL AND pid = ANY($1)"
        )
        pids = await _server_processes(pooled_url)
        assert 0 < await direct.fetchval(lent, list(pids)) <= PROCESSES
        held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = ANY($1)"
        assert await direct.fetchval(held, list(pids)) == 0
    finally:
        await direct.close()


async def _server_processes(pooled_url: str) -> set[int]:
    """All that there are, each as new: no prepared statement, no channel, no setting of a session;
    but for `jit`, which the driver sets and sets back as it learns of types."""
    question = """
        SELECT pg_backend_pid(), (SELECT count(*) FROM pg_prepared_statements WHERE name <> ''),
            (SELECT count(*) FROM pg_listening_channels()),
            ARRAY(SELECT name FROM pg_settings WHERE source = 'session' AND name NOT IN
                ('jit', 'application_name', 'TimeZone', 'client_encoding', 'DateStyle',
                 'standard_conforming_strings')), pg_sleep(0.2)
    """

    async def ask() -> Any:
        connection = await asyncpg.connect(pooled_url, statement_cache_size=0)
        try:
            async with connection.transaction():
                return await connection.fetchrow(question)
        finally:
            await connection.close()

    pids = set()
    for row in await asyncio.gather(*(ask() for _ in range(PROCESSES))):
        pids.add(row[0])
        assert tuple(row)[1:4] == (0, 0, [])
    return pids


async def test_limits_hold_in_each_transaction_and_reads_cannot_write(
    settings: Settings, database: Database, pooled_url: str
) -> None:
    short = settings.model_copy(update={"statement_timeout_ms": 100})
    engine, reads = create_engine(pooled_url, short), ReadPool(pooled_url, short)
    try:
        async with engine.connect() as connection:
            assert await connection.scalar(text("SHOW statement_timeout")) == "100ms"
            assert await connection.scalar(text("SHOW jit")) == "off"
        with pytest.raises(asyncpg.QueryCanceledError):
            async with reads.connection() as held:
                await held.execute("SELECT pg_sleep(60)")
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            async with reads.connection() as held:
                await held.execute("DELETE FROM organisation")
        async with reads.connection() as held:
            assert await held.fetchval("SELECT count(*) FROM organisation") > 0
    finally:
        await engine.dispose()
        await reads.close()


async def test_a_page_is_read_a_form_is_sent_and_events_are_heard_past_the_pooler(
    hub: Starlette, database: Database, settings: Settings
) -> None:
    editor = await factories.somebody(
        database, await factories.a_supplier(database), Role.SUPPLIER_EDITOR
    )
    visitor = await Visitor(hub, settings.base_url).sign_in_as(editor.person)
    fields = {"name": "Sent", "summary": "S", "category": "body_worn_video", "trl": "7"}
    async with visitor.client:
        assert "Sent" in (await visitor.send("/listings/new", "draft", fields)).heading
    await hub.state.live.feed.ready()


def test_the_doctor_looks_past_it_and_through_it(
    pooled_url: str, migrated_url: str, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    for name in environment_names():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("INNOHUB_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("DATABASE_DIRECT_URL", migrated_url)
    monkeypatch.setenv("DATABASE_URL", pooled_url)
    assert "✓ pooler: Passes on" in CliRunner().invoke(commands, ["doctor"]).stdout
    monkeypatch.setenv("DATABASE_URL", "postgresql://innohub:x@127.0.0.1:9/innohub")
    assert "✗ pooler: DATABASE_URL cannot" in CliRunner().invoke(commands, ["doctor"]).stdout
