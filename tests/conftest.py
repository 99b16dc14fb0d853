"""Real services for every test: one PostgreSQL and one Valkey a session, emptied between tests."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
import structlog
import yaml
from sqlalchemy import text

from innohub.db import migrate
from innohub.db.embedded import EmbeddedPostgres, EmbeddedValkey
from innohub.db.engine import ReadPool, create_engine, read_url
from innohub.db.unit_of_work import Database
from innohub.outbox import sealing
from innohub.settings import Settings

KEPT = {
    "alembic_version", "organisation", "organisation_slug", "reference_value", "synonym_set",
}  # fmt: skip
"""Tables that migrations fill; of `organisation` the real forces stay, none of them merged."""
FORCES = [
    force["slug"]
    for force in yaml.safe_load(
        files("innohub").joinpath("identity", "reference", "forces.yaml").read_text("utf-8")
    )["forces"]
]
FIRST_DAY = "2026-01-01"
"""When what the migrations fill in was born; tests play later."""
EMPTYING = f"""
    DO $$
    DECLARE emptied record;
    BEGIN
        -- Without foreign keys and triggers: that, and what TRUNCATE does for every table with each
        -- of its indexes, takes a hundred times as long as a test's few rows need. Only a superuser
        -- may, which whoever starts a PostgreSQL for tests is.
        SET LOCAL session_replication_role = replica;
        FOR emptied IN
            SELECT table_.oid::regclass AS name, sequence_.objid::regclass AS numbers
            FROM pg_class AS table_
            LEFT JOIN pg_depend AS sequence_
                ON sequence_.refobjid = table_.oid
                AND sequence_.classid = 'pg_class'::regclass
                AND sequence_.deptype IN ('a', 'i')
                AND (SELECT relkind FROM pg_class WHERE oid = sequence_.objid) = 'S'
            WHERE table_.relnamespace = 'public'::regnamespace
                AND table_.relkind IN ('r', 'p')
                AND table_.relname NOT IN ({", ".join(f"'{name}'" for name in sorted(KEPT))})
        LOOP
            EXECUTE format('DELETE FROM %s', emptied.name);
            IF emptied.numbers IS NOT NULL THEN
                PERFORM setval(emptied.numbers, 1, false);
            END IF;
        END LOOP;
        -- What forces proposed and advisers approved is no reference data of the release.
        DELETE FROM reference_value WHERE detail ? 'local_to';
        DELETE FROM organisation WHERE slug NOT IN ({", ".join(f"'{slug}'" for slug in FORCES)});
        DELETE FROM organisation_slug s
            WHERE NOT EXISTS (SELECT FROM organisation o WHERE o.slug = s.slug);
        UPDATE organisation SET valid_to = NULL, successor_id = NULL WHERE successor_id IS NOT NULL;
        DELETE FROM synonym_set WHERE created_at > '{FIRST_DAY}'::timestamptz + '1 day';
    END $$
"""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: needs a Chromium on this machine")
    # Rich's tracebacks, with every local variable in them, take a second each.
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])


class Clock:
    """A clock that tests move by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_days(self, days: float) -> None:
        self.now += timedelta(days=days)


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    """A server of this test process, or a database of its own on the server of DATABASE_URL."""
    given = os.environ.get("DATABASE_URL")
    if given:
        yield asyncio.run(own_database(given, f"innohub_test_{worker_id}"))
        return
    with EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), durable=False) as url:
        yield url


async def own_database(url: str, name: str) -> str:
    """The URL of an empty database of that name, on the server of `url`."""
    connection = await asyncpg.connect(read_url(url))
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()
    return read_url(url).rsplit("/", 1)[0] + f"/{name}"


@pytest.fixture(scope="session")
def migrated_url(postgres_url: str) -> str:
    asyncio.run(migrate.upgrade(postgres_url))
    return postgres_url


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    given = os.environ.get("REDIS_URL")
    if given:
        yield given
        return
    with EmbeddedValkey(tmp_path_factory.mktemp("valkey")) as url:
        yield url


@pytest.fixture
def settings(migrated_url: str, tmp_path: Path) -> Settings:
    return Settings(
        database_url=migrated_url,
        data_dir=tmp_path,
        outbound_allow_loopback=True,
        base_url="http://hub.test",
        requests_a_minute=0,
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest_asyncio.fixture
async def database(settings: Settings, clock: Clock, migrated_url: str) -> AsyncIterator[Database]:
    """The write side over an empty market: reference data and forces only."""
    engine = create_engine(migrated_url, settings)
    database = Database(engine, clock=clock)
    database.before_commit.append(sealing.seal)
    await empty(database)
    yield database
    await engine.dispose()


@pytest_asyncio.fixture
async def reads(settings: Settings, migrated_url: str) -> AsyncIterator[ReadPool]:
    pool = ReadPool(migrated_url, settings)
    yield pool
    await pool.close()


async def empty(database: Database) -> None:
    """Leave reference data and forces, and nothing else."""
    async with database.engine.begin() as connection:
        await connection.execute(text(EMPTYING))
