"""The connections to PostgreSQL: SQLAlchemy's for writes, a fair pool of asyncpg's for reads."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry

from innohub.db import pooling
from innohub.db.away import Away
from innohub.settings import Settings


def write_url(url: str) -> URL:
    """SQLAlchemy's address of a `postgresql://` URL, with the asyncpg driver named."""
    return make_url(url).set(drivername="postgresql+asyncpg")


def read_url(url: str) -> str:
    """asyncpg's address of the same database."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


IDLE_MS = 60_000
"""How long a transaction may do nothing before PostgreSQL ends it, and with it its locks."""
CONNECT_SECONDS = 5.0
WIRE_SECONDS = 5.0
"""Beyond the time that PostgreSQL itself gives a statement: then the network or the server went
silent, and nothing else would ever end the wait."""
FREE_SECONDS = 10.0
"""How long to wait for a connection that others hold."""


class WritePool(AsyncAdaptedQueuePool):
    """SQLAlchemy's own, that can tell who waits."""

    waiting = 0
    """Units of work that asked for a connection and have none yet."""

    def _do_get(self) -> ConnectionPoolEntry:
        self.waiting += 1
        try:
            return super()._do_get()
        finally:
            self.waiting -= 1

    @property
    def in_use(self) -> int:
        return self.checkedout()

    @property
    def most(self) -> int:
        return self.size() + self._max_overflow


def pool_of(engine: AsyncEngine) -> WritePool:
    """The pool of an engine that `create_engine` made."""
    pool = engine.pool
    assert isinstance(pool, WritePool)
    return pool


def create_engine(
    url: str, settings: Settings, *, idle_ms: int = IDLE_MS, seconds: float | None = None
) -> AsyncEngine:
    """`seconds`: for those who take PostgreSQL's own limit away for a long statement, how long its
    sender waits."""
    pooled = settings.is_pooled(url)
    given = _server_settings(settings, idle_ms)
    engine = create_async_engine(
        write_url(url),
        # What the log says of a statement that fails is the statement, not what is in it.
        hide_parameters=True,
        poolclass=WritePool,
        pool_size=settings.database_pool_size,
        max_overflow=settings.database_pool_size,
        pool_timeout=FREE_SECONDS,
        connect_args={
            **(pooling.CONNECT if pooled else {"server_settings": given}),
            "timeout": CONNECT_SECONDS,
            "command_timeout": seconds or wire_seconds(settings),
        },
        execution_options={pooling.OPTION: pooled},
    )
    event.listen(engine.sync_engine, "checkout", _still_open)
    if pooled:
        pooling.set_in_each_transaction(engine, given)
    return engine


def wire_seconds(settings: Settings) -> float:
    """How long a statement may take as its sender sees it."""
    return settings.statement_timeout_ms / 1000 + WIRE_SECONDS


def _still_open(_: Any, record: Any, __: Any) -> None:
    """A connection that PostgreSQL closed while it lay idle is not handed out; the pool makes
    another. The driver hears of the end by itself: SQLAlchemy's `pool_pre_ping` asks instead, in a
    transaction of its own, which is three round trips before each unit of work."""
    if record.driver_connection.is_closed():
        raise DisconnectionError("PostgreSQL closed this connection")


class ReadPool:
    """Read-only connections, handed out first come, first served.

    asyncpg's own pool lets late callers overtake (99th percentile at concurrency 32: 1,010 ms
    against 226 ms) and resets the session at every release; a read needs neither.
    """

    def __init__(
        self, url: str, settings: Settings, *, connect_seconds: float = CONNECT_SECONDS
    ) -> None:
        self._url = read_url(url)
        self._connect_seconds = connect_seconds
        self._wire_seconds = wire_seconds(settings)
        self._pooled = settings.is_pooled(url)
        self._server_settings = {
            **_server_settings(settings),
            "default_transaction_read_only": "on",
        }
        # A queue of connections would not do: who comes while one is on its way to the first in
        # line takes it, and the first goes to the end.
        self._turn = asyncio.Semaphore(settings.read_pool_size)
        self.most = settings.read_pool_size
        self.in_use = self.waiting = 0
        self._free: list[asyncpg.Connection[Any]] = []
        self._closing: set[asyncio.Task[None]] = set()
        self._closed = False

    @asynccontextmanager
    async def connection(self) -> AsyncIterator["asyncpg.Connection[Any]"]:
        """A connection in autocommit, or through a pooler in a transaction that reads; replaced
        when it was lost or left busy.

        Raises Away where none came free in time.
        """
        async with self._in_turn():
            held = self._free.pop() if self._free else None
            try:
                if held is None or held.is_closed():
                    held = None
                    held = await self._connect()
                async with pooling.reading(held, self._server_settings if self._pooled else None):
                    yield held
            except BaseException as error:
                # The connection may still be busy: closing it lets asyncpg's request to cancel the
                # statement arrive first. Nobody waits for that.
                if held is not None and _spoils(error):
                    self._retire(held)
                    held = None
                raise
            finally:
                if held is not None:
                    self._take_back(held)

    @asynccontextmanager
    async def _in_turn(self) -> AsyncIterator[None]:
        self.waiting += 1
        try:
            async with asyncio.timeout(FREE_SECONDS):
                await self._turn.acquire()
        except TimeoutError:
            raise Away("No connection for reading came free.") from None
        finally:
            self.waiting -= 1
        self.in_use += 1
        try:
            yield
        finally:
            self.in_use -= 1
            self._turn.release()

    async def close(self) -> None:
        """Close all connections; those in use as they come back."""
        self._closed = True
        while self._free:
            self._retire(self._free.pop())
        await asyncio.gather(*self._closing)

    def _take_back(self, connection: "asyncpg.Connection[Any]") -> None:
        if self._closed:
            self._retire(connection)
        else:
            self._free.append(connection)

    def _retire(self, connection: "asyncpg.Connection[Any]") -> None:
        closing = asyncio.create_task(_retire(connection))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def _connect(self) -> "asyncpg.Connection[Any]":
        pooled = self._pooled
        connection = await asyncpg.connect(
            self._url,
            timeout=self._connect_seconds,
            server_settings=pooling.SETTINGS if pooled else self._server_settings,
            command_timeout=self._wire_seconds,
            statement_cache_size=0 if pooled else 512,
            max_cacheable_statement_size=0,
            max_cached_statement_lifetime=0,
        )
        try:
            # asyncpg decodes an array of records inside a record only once it has met one outside.
            async with pooling.reading(connection, self._server_settings if pooled else None):
                await connection.fetchval("SELECT ARRAY[ROW(1)]")
        except BaseException:
            connection.terminate()
            raise
        return connection


def _spoils(error: BaseException) -> bool:
    """Whether a connection on which this happened may be of no use to the next: still busy, or
    ended by a server that has said so and not hung up yet."""
    if isinstance(error, asyncpg.PostgresError):
        return str(error.sqlstate).startswith(("08", "57P"))
    lost = asyncpg.InterfaceError | asyncpg.InternalClientError | OSError
    return isinstance(error, asyncio.CancelledError | lost)


async def _retire(connection: "asyncpg.Connection[Any]") -> None:
    """Close it. Where the server does not answer, asyncpg itself lets go of the socket."""
    with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        await connection.close(timeout=2)


def _server_settings(settings: Settings, idle_ms: int = IDLE_MS) -> dict[str, str]:
    return {
        "application_name": "innohub",
        "statement_timeout": str(settings.statement_timeout_ms),
        # Less than the statement's own, which would come first otherwise: who waited for somebody
        # else is told so.
        "lock_timeout": str(settings.statement_timeout_ms * 4 // 5),
        "idle_in_transaction_session_timeout": str(idle_ms),
        "timezone": "UTC",
        "jit": "off",
        # Pages come from memory or from solid-state disks: the default of 4, made for turning
        # disks, has small tables read whole where their index would do.
        "random_page_cost": "1.1",
        # A statement whose client went away is given up within this time.
        "client_connection_check_interval": "1000",
    }
