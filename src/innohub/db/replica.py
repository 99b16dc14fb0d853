"""Reads from a copy of the database that follows it, where the copy is as good for who asks.

A streaming standby is always a little behind. It is good enough for a reader while it holds the
newest entry of the audit trail that they wrote, and is no further behind than the operator allows.
Each connection is asked, at most once a second unless somebody just wrote: behind one address there
may be several copies.
"""

import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import asyncpg
import structlog

from innohub.db.away import Away
from innohub.db.engine import ReadPool
from innohub.settings import Settings

log = structlog.get_logger()

CHECK_SECONDS = 1.0
"""For so long a connection's last word on how far it is counts."""
CONNECT_SECONDS = 2.0
REST_SECONDS = 5.0
"""For so long a copy that was lost is not tried again."""
SAMPLES = 120
LOST = (
    Away,
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
)
UNFIT = (
    # A row that the statement read was cleaned up on the primary meanwhile.
    asyncpg.SerializationError,
    # It shuts down or starts, takes no more connections, or does not let us in.
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InvalidAuthorizationSpecificationError,
    # It has not replayed a migration that the primary has.
    asyncpg.SyntaxOrAccessError,
)

_WRITTEN = "SELECT (pg_current_wal_flush_lsn() - '0/0')::bigint"
_REPLAYED = """
SELECT CASE WHEN pg_is_in_recovery() THEN (pg_last_wal_replay_lsn() - '0/0')::bigint END,
    coalesce((SELECT max(seq) FROM audit_entry), 0)
"""


class Unfit(Exception):
    """The copy cannot answer this reader as the database would. `why`: away, behind or unseen."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class _Word:
    """What the server behind one connection said of itself."""

    at: float
    behind: float
    """Seconds, at most."""
    entry: int
    """The newest of the audit trail. Entries are numbered in the order of their commits, so that
    whoever has one has all that was committed before."""


class Replica:
    """A pool of connections to the copy at `url`; `primary` tells how far the database is."""

    def __init__(
        self,
        url: str,
        settings: Settings,
        primary: ReadPool,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.pool = ReadPool(url, settings, connect_seconds=CONNECT_SECONDS)
        self.longest = settings.read_lag_seconds
        self._primary, self._now = primary, monotonic
        self._words: WeakKeyDictionary[Any, _Word] = WeakKeyDictionary()
        self._written: deque[tuple[float, int]] = deque(maxlen=SAMPLES)
        self._rests_until = float("-inf")

    @asynccontextmanager
    async def connection(self, entry: int) -> AsyncIterator["asyncpg.Connection[Any]"]:
        """A connection to a copy that holds `entry` of the audit trail.

        Raises Unfit, also for what goes wrong within: the reader then asks the database itself.
        """
        if self._now() < self._rests_until:
            raise Unfit("away")
        held: asyncpg.Connection[Any] | None = None
        try:
            async with self.pool.connection() as held:
                await self._require(held, entry)
                yield held
        except asyncpg.QueryCanceledError:
            # It took too long: so it would on the primary.
            raise
        except (*LOST, *UNFIT) as error:
            if held is None or held.is_closed():
                self._rests_until = self._now() + REST_SECONDS
                log.warning("replica.lost", reason=str(error) or type(error).__name__)
            raise Unfit("away") from error

    async def close(self) -> None:
        await self.pool.close()

    async def _require(self, connection: "asyncpg.Connection[Any]", entry: int) -> None:
        word = self._words.get(connection)
        stale = word is None or self._now() - word.at >= CHECK_SECONDS
        if word is None or stale or (word.entry < entry and word.behind <= self.longest):
            word = self._words[connection] = await self._ask(connection)
        if word.behind > self.longest:
            raise Unfit("behind")
        if word.entry < entry:
            raise Unfit("unseen")

    async def _ask(self, connection: "asyncpg.Connection[Any]") -> _Word:
        await self._sample()
        replayed, entry = await connection.fetchrow(_REPLAYED) or (None, 0)
        now = self._now()
        had = [at for at, written in self._written if replayed is not None and written <= replayed]
        return _Word(now, now - had[-1] if had else float("inf"), entry)

    async def _sample(self) -> None:
        """Note how far the primary is. A copy that is as far as it was at a moment is behind by no
        more than the time since: true also where nothing is written, or the copy was cut off."""
        began = self._now()
        if self._written and began - self._written[-1][0] < CHECK_SECONDS / 2:
            return
        async with self._primary.connection() as primary:
            self._written.append((began, await primary.fetchval(_WRITTEN)))
