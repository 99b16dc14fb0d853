"""Real services for every test: one PostgreSQL and one Valkey a session, emptied between tests."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from innohub.db import migrate
from innohub.db.embedded import EmbeddedPostgres, EmbeddedValkey
from innohub.db.engine import ReadPool, create_engine, read_url
from innohub.db.unit_of_work import Database
from innohub.outbox import sealing
from innohub.settings import Settings
from tests.distribution import Distribution, in_order
from tests.emptying import EMPTYING, Emptier


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: needs a Chromium on this machine")
    # Rich's tracebacks, with every local variable in them, take a second each.
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is loaded for the tests stays until their end: the collector of garbage, which would
    look at all of it again and again, looks at none of it."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Distribution | None:
    """For `--dist=loadfile`."""
    if config.getoption("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False  # the order is that of the items, below
    return Distribution(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        items[:] = in_order(items)


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


async def own_database(url: str, name: str, *, like: str = "template1") -> str:
    """The URL of a database of that name, on the server of `url`: empty, or a copy of another, to
    which nobody is connected."""
    connection = await asyncpg.connect(_maintenance(url))
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
    finally:
        await connection.close()
    return read_url(url).rsplit("/", 1)[0] + f"/{name}"


def _maintenance(url: str) -> str:
    """The database of the server in which nobody works: what is copied has no guests."""
    return read_url(url).rsplit("/", 1)[0] + "/postgres"


@pytest.fixture(scope="session")
def migrated_url(postgres_url: str, pristine: str) -> str:
    """The market that tests empty."""
    return postgres_url


@pytest.fixture(scope="session")
def pristine(postgres_url: str) -> str:
    """The name of a copy of the migrated database, made before anybody used it."""
    name = f"{_name_in(postgres_url)}_pristine"

    async def make() -> None:
        await migrate.upgrade(postgres_url)
        await own_database(postgres_url, name, like=_name_in(postgres_url))

    asyncio.run(make())
    return name


def _name_in(url: str) -> str:
    return read_url(url).rsplit("/", 1)[1]


Another = Callable[[str], str]


@pytest.fixture(scope="session")
def another(postgres_url: str, pristine: str) -> Another:
    """Makes a further database with all migrations, beside the one that tests empty; its URL."""

    def make(name: str) -> str:
        own = f"{_name_in(postgres_url)}_{name}"
        return asyncio.run(own_database(postgres_url, own, like=pristine))

    return make


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


@pytest.fixture(scope="session")
def lasting_engine(migrated_url: str) -> AsyncEngine:
    """One for all tests, so that it compiles each statement once."""
    return create_engine(migrated_url, Settings(database_url=migrated_url))


@pytest_asyncio.fixture
async def engine(lasting_engine: AsyncEngine) -> AsyncIterator[AsyncEngine]:
    """Its connections are a test's own: they belong to that test's event loop."""
    yield lasting_engine
    await lasting_engine.dispose()


@pytest.fixture(scope="session")
def emptier(migrated_url: str) -> Iterator[Emptier]:
    with Emptier(migrated_url) as emptier:
        yield emptier


@pytest_asyncio.fixture
async def database(engine: AsyncEngine, emptier: Emptier, clock: Clock) -> Database:
    """The write side over an empty market: reference data and forces only."""
    database = Database(engine, clock=clock)
    database.before_commit.append(sealing.seal)
    await emptier.empty()
    return database


@pytest_asyncio.fixture
async def reads(settings: Settings, migrated_url: str) -> AsyncIterator[ReadPool]:
    pool = ReadPool(migrated_url, settings)
    yield pool
    await pool.close()


async def empty(database: Database) -> None:
    """Leave reference data and forces, and nothing else."""
    async with database.engine.begin() as connection:
        await connection.execute(text(EMPTYING))
