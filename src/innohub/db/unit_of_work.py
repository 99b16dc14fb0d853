"""One unit of work per operation: all of it is stored, or none of it.

Services receive the open unit, load, change and flush; they never commit. What has to be written
with every change (audit entries, the deliveries of an event) is hooked in here by the layers above,
so that no service can forget it and the market need not know of the hub.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from innohub.db import pooling
from innohub.errors import Conflict

Clock = Callable[[], datetime]

LOST_RACE = {"40001", "40P01", "55P03", "23505"}
"""serialization_failure, deadlock_detected, lock_not_available, unique_violation."""


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Signature:
    """Who stands behind a change, as the audit trail writes it."""

    person_id: int | None = None
    client_id: int | None = None
    organisation_id: int | None = None
    request_id: str | None = None


@dataclass
class UnitOfWork:
    """An open transaction, its moment and its author."""

    session: AsyncSession
    now: datetime
    by: Signature
    audits: list[Any] = field(default_factory=list)
    """Audit entries still to be chained: sealed in one go just before the commit."""
    events: list[Any] = field(default_factory=list)
    """Event rows recorded so far, for the fan-outs."""
    wakes: set[str] = field(default_factory=set)
    """Jobs of the worker that have something to do once this is stored."""


BeforeCommit = Callable[[UnitOfWork], Awaitable[None]]
AfterCommit = Callable[[Sequence[Any]], Awaitable[None]]
Wake = Callable[[str], Awaitable[None]]


class UnrecordedChange(RuntimeError):
    """A service changed rows and recorded no audit entry: a fault of ours, caught at commit."""


class Database:
    """The write side: opens units of work on PostgreSQL."""

    def __init__(self, engine: AsyncEngine, *, clock: Clock = utc_now) -> None:
        self.engine = engine
        self.clock = clock
        self.before_commit: list[BeforeCommit] = []
        self.after_commit: list[AfterCommit] = []
        self.wake: list[Wake] = []
        """Called after a commit with each job that it gave something to do."""
        self._sessions = async_sessionmaker(engine, expire_on_commit=False, autoflush=False)

    @asynccontextmanager
    async def unit_of_work(self, by: Signature) -> AsyncIterator[UnitOfWork]:
        """Commit on leaving; roll back on any exception.

        Raises Conflict where another transaction changed the same rows first.
        """
        async with self._sessions() as session:
            work = UnitOfWork(session, self.clock(), by)
            wrote = _watch_writes(session.sync_session)
            try:
                yield work
                await session.flush()
                if wrote and not work.audits:
                    raise UnrecordedChange("rows changed without an audit entry")
                for hook in self.before_commit:
                    await hook(work)
                await session.commit()
            except StaleDataError as error:
                raise Conflict("Somebody else changed this a moment ago. Load it again.") from error
            except DBAPIError as error:
                raise conflict_or(error) from error
        if work.events:
            for bell in self.after_commit:
                await bell(work.events)
        for job in sorted(work.wakes):
            for wake in self.wake:
                await wake(job)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """A plain session for bookkeeping outside the market: sign-in, tokens, deliveries.

        The caller commits by `async with session.begin()`.
        """
        async with self._sessions() as session:
            yield session

    @asynccontextmanager
    async def glance(self) -> AsyncIterator[AsyncSession]:
        """A session for one statement that reads: without a transaction around it, which would
        take two more round trips than the statement; through a pooler it has to be."""
        async with self._sessions() as session:
            if pooling.is_pooled(self.engine):
                yield session
                return
            await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
            yield session


def conflict_or(error: DBAPIError) -> Exception:
    """The Conflict behind a lost race, or the error itself."""
    state = getattr(error.orig, "sqlstate", None)
    if state in LOST_RACE:
        if isinstance(error, IntegrityError):
            return Conflict("This exists already, or somebody else added it a moment ago.")
        return Conflict("Somebody else changed this a moment ago. Load it again.")
    return error


def _watch_writes(session: Session) -> list[bool]:
    wrote: list[bool] = []

    def note(flushing: Session, *_: object) -> None:
        if flushing.new or flushing.dirty or flushing.deleted:
            wrote.append(True)

    event.listen(session, "before_flush", note)
    return wrote
