"""Who follows the feed of events in this process: one listening connection, a queue for each.

PostgreSQL's NOTIFY only wakes; what happened is read from the table, from the last known place on.
So nothing is missed while the connection is down, and nothing is told before its commit or twice.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import asyncpg
import structlog

from innohub.db.engine import read_url
from innohub.errors import InnoHubError
from innohub.graphql.shared_answers import SharedAnswers
from innohub.notices.service import ARRIVED
from innohub.outbox.sealing import CHANNEL

log = structlog.get_logger()

NAME = "innohub feed"
"""How the listening connection is called in `pg_stat_activity`."""
LOOK_SECONDS = 5.0
"""How often to look without being woken: also what notices a dead connection."""
START_SECONDS = 5.0
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
UNKNOWN = -1
PAGE = 500
QUEUE = 1_000
"""How many events a follower may be behind."""
LOST = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)

_HEAD = "SELECT coalesce(max(position), 0) FROM event"
_NEXT = """
SELECT id, position, type, stream, supplier_id
FROM event WHERE position > $1 ORDER BY position LIMIT $2
"""


class TooSlow(InnoHubError):
    code: ClassVar[str] = "too_slow"
    status: ClassVar[int] = 503


class NotListening(InnoHubError):
    code: ClassVar[str] = "unavailable"
    status: ClassVar[int] = 503


@dataclass(frozen=True)
class Fact:
    """What of an event decides who is told; the event itself is read with each follower's eyes."""

    id: int
    position: int
    type: str
    stream: str
    supplier_id: int | None


def of_person(person_id: int) -> str:
    """The stream in which a person's notices are told. It is no stream of events."""
    return f"person/{person_id}"


class Follower:
    """The facts that one subscription waits for, in their order."""

    def __init__(self, wanted: Callable[[Fact], bool], size: int) -> None:
        self._wanted, self._size = wanted, size
        self._waiting: deque[Fact] = deque()
        self._fell_behind = False
        self._woken = asyncio.Event()

    def offer(self, fact: Fact) -> None:
        if self._fell_behind or not self._wanted(fact):
            return
        if len(self._waiting) >= self._size:
            self._fell_behind = True
        else:
            self._waiting.append(fact)
        self._woken.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Fact:
        """Raises TooSlow once everything before the gap was told."""
        while not self._waiting:
            if self._fell_behind:
                raise TooSlow(
                    "You are too far behind, and events were dropped. "
                    "Read on with events(after:) from the last cursor, then subscribe again."
                )
            self._woken.clear()
            await self._woken.wait()
        return self._waiting.popleft()


class Feed:
    """Listens from the first follower on, until closed."""

    def __init__(self, url: str, *, queue: int = QUEUE) -> None:
        self._url, self._queue = read_url(url), queue
        self.answers = SharedAnswers()
        """What the followers of one event read of it."""
        self._followers: set[Follower] = set()
        self._last = UNKNOWN
        self._ready = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None

    async def ready(self) -> None:
        """Return once every later commit will be told. Raises NotListening."""
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen())
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._ready.wait()
        except TimeoutError:
            raise NotListening("Events cannot be followed just now. Try again later.") from None

    @contextmanager
    def follow(self, wanted: Callable[[Fact], bool]) -> Iterator[Follower]:
        """The facts that pass `wanted`, from now on."""
        follower = Follower(wanted, self._queue)
        self._followers.add(follower)
        try:
            yield follower
        finally:
            self._followers.discard(follower)

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    async def _listen(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                connection = await self._connect()
                try:
                    pause = FIRST_PAUSE
                    await self._pump(connection)
                finally:
                    connection.terminate()
            except LOST as error:
                log.warning("feed.lost", reason=str(error) or type(error).__name__)
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - only spreads load
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _connect(self) -> "asyncpg.Connection[Any]":
        settings = {"application_name": NAME, "default_transaction_read_only": "on", "jit": "off"}
        return await asyncpg.connect(
            self._url, server_settings=settings, timeout=LOOK_SECONDS, command_timeout=LOOK_SECONDS
        )

    async def _pump(self, connection: "asyncpg.Connection[Any]") -> None:
        """Tell what is new, again and again. Raises one of LOST."""
        bell = asyncio.Event()
        connection.add_termination_listener(lambda _: bell.set())
        await connection.add_listener(CHANNEL, lambda *_: bell.set())
        await connection.add_listener(ARRIVED, self._told)
        head: int = await connection.fetchval(_HEAD)
        # Lower than before only where the database was restored to an earlier moment.
        self._last = head if self._last == UNKNOWN else min(self._last, head)
        self._ready.set()
        while True:
            bell.clear()
            await self._look(connection)
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await bell.wait()
            except TimeoutError:
                continue

    def _told(self, _connection: Any, _pid: int, _channel: str, whom: Any) -> None:
        """A notice was stored. It is in the inbox, whoever listens: what is told while this
        connection is down is not told here again."""
        person_id, _, id = str(whom).partition(":")
        fact = Fact(int(id), 0, "notice", of_person(int(person_id)), None)
        for follower in self._followers:
            follower.offer(fact)

    async def _look(self, connection: "asyncpg.Connection[Any]") -> None:
        rows = [None]
        while rows:
            rows = await connection.fetch(_NEXT, self._last, PAGE)
            for row in rows:
                fact = Fact(*row)
                self._last = fact.position
                for follower in self._followers:
                    follower.offer(fact)
