"""The read pool is fair, read-only, and never leaves a statement behind."""

import asyncio
from typing import Any

import asyncpg
import pytest

from innohub.db.engine import ReadPool
from innohub.settings import Settings


async def test_connections_are_handed_out_first_come_first_served(
    migrated_url: str, settings: Settings
) -> None:
    pool = ReadPool(migrated_url, settings.model_copy(update={"read_pool_size": 1}))
    order: list[int] = []

    async def read(number: int) -> None:
        async with pool.connection() as connection:
            await connection.fetchval("SELECT 1")
            order.append(number)

    await asyncio.gather(*(read(number) for number in range(20)))
    assert order == sorted(order)
    await pool.close()


async def test_nothing_can_be_written_through_it(reads: ReadPool) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with reads.connection() as connection:
            await connection.execute("DELETE FROM organisation")


async def test_a_cancelled_read_is_cancelled_on_the_server_and_its_place_is_free_again(
    reads: ReadPool,
) -> None:
    async def sleep() -> None:
        async with reads.connection() as connection:
            await connection.execute("SELECT pg_sleep(60) -- left behind")

    sleeping = asyncio.create_task(sleep())
    await until(reads, 1)
    sleeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sleeping
    await until(reads, 0)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list["asyncpg.Connection[Any]"]:
    """Every connection that was opened, in order."""
    found: list[asyncpg.Connection[Any]] = []
    connect = asyncpg.connect

    async def noted(*given: Any, **named: Any) -> "asyncpg.Connection[Any]":
        found.append(await connect(*given, **named))
        return found[-1]

    monkeypatch.setattr(asyncpg, "connect", noted)
    return found


async def test_a_read_cancelled_while_its_connection_is_made_ready_leaves_none_open(
    migrated_url: str, settings: Settings, opened: list["asyncpg.Connection[Any]"]
) -> None:
    pool = ReadPool(migrated_url, settings)

    async def read() -> None:
        async with pool.connection() as connection:
            await connection.fetchval("SELECT 1")

    reading = asyncio.create_task(read())
    while not opened:  # noqa: ASYNC110 - what follows is the pool making it ready
        await asyncio.sleep(0)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await pool.close()
    assert [connection.is_closed() for connection in opened] == [True]


async def test_a_connection_in_use_when_the_pool_closes_is_closed_as_it_comes_back(
    migrated_url: str, settings: Settings, opened: list["asyncpg.Connection[Any]"]
) -> None:
    pool = ReadPool(migrated_url, settings)
    async with pool.connection():
        await pool.close()
    await pool.close()
    assert [connection.is_closed() for connection in opened] == [True]


async def until(reads: ReadPool, expected: int) -> None:
    active = """
        SELECT count(*) FROM pg_stat_activity
        WHERE state = 'active' AND query LIKE '%-- left behind' AND pid <> pg_backend_pid()
    """
    async with asyncio.timeout(10):
        while True:
            async with reads.connection() as connection:
                if await connection.fetchval(active) == expected:
                    return
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (asyncpg.CrashShutdownError("terminating connection"), False),
        (asyncpg.InternalClientError("cannot switch to state 12"), False),
        (asyncpg.DivisionByZeroError("division by zero"), True),
        (ValueError("not about the connection"), True),
    ],
)
async def test_a_connection_that_the_server_ended_is_nobody_elses(
    reads: ReadPool, error: Exception, kept: bool
) -> None:
    with pytest.raises(type(error)):
        async with reads.connection() as first:
            raise error
    async with reads.connection() as second:
        assert (second is first) is kept
        assert await second.fetchval("SELECT 1") == 1


async def test_a_statement_over_the_time_limit_is_ended(
    migrated_url: str, settings: Settings
) -> None:
    pool = ReadPool(migrated_url, settings.model_copy(update={"statement_timeout_ms": 100}))
    with pytest.raises(asyncpg.QueryCanceledError):
        async with pool.connection() as connection:
            await connection.execute("SELECT pg_sleep(60)")
    await pool.close()
