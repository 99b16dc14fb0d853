"""Where the story is told: the write side, the people as Actors, and the ids of what was made."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection, async_sessionmaker

from innohub.db.unit_of_work import Database, UnitOfWork
from innohub.hub.database import database_of
from innohub.hub.wiring import Hub
from innohub.identity.actor import Actor
from innohub.identity.models import Organisation, Role
from innohub.identity.oauth.clients import WithSecret
from innohub.seed.market import Story
from innohub.seed.telling.timetable import StoryClock

C = TypeVar("C")
T = TypeVar("T")

COMPANY = "market-company"
BOARD = "innovation-board"
PANEL = "evaluation-panel"


class InOneTransaction(Database):
    """Units of work whose commits are the caller's to keep: all of them stand inside the
    connection's own transaction, one after the other. A unit that fails rolls back the whole."""

    def __init__(self, connection: AsyncConnection, clock: StoryClock) -> None:
        hooked = database_of(connection.engine, clock=clock)
        super().__init__(hooked.engine, clock=clock)
        self.before_commit = hooked.before_commit
        self._sessions = async_sessionmaker(
            connection,
            expire_on_commit=False,
            autoflush=False,
            join_transaction_mode="rollback_only",
        )


@dataclass
class Stage:
    """The story's names, each with what stands for it in the database."""

    database: Database
    clock: StoryClock
    story: Story
    hub: Hub
    organisations: dict[str, Organisation] = field(default_factory=dict)
    """By slug."""
    actors: dict[str, Actor] = field(default_factory=dict)
    """People by e-mail address."""
    technologies: dict[str, int] = field(default_factory=dict)
    pilots: dict[str, int] = field(default_factory=dict)
    rounds: dict[str, int] = field(default_factory=dict)
    """Ids by slug."""
    items: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """Assurance items by technology, type and reference."""
    outcomes: dict[tuple[str, int], int] = field(default_factory=dict)
    """Further KPIs by pilot and place in the story."""
    kpis: dict[str, int] = field(default_factory=dict)
    """Proposed KPIs by name."""
    challenges: dict[str, int] = field(default_factory=dict)
    """By slug."""
    pools: dict[str, int] = field(default_factory=dict)
    """By slug."""
    results: dict[str, int] = field(default_factory=dict)
    """Each pilot's newest result, by the pilot's slug."""
    reviews: dict[tuple[str, str], int] = field(default_factory=dict)
    """Reviews by round and technology."""
    candidates: dict[tuple[str, str], int] = field(default_factory=dict)
    """Items of rounds by round and technology."""
    clients: list[WithSecret] = field(default_factory=list)

    @classmethod
    def in_transaction(
        cls, connection: AsyncConnection, clock: StoryClock, story: Story, hub: Hub
    ) -> "Stage":
        return cls(InOneTransaction(connection, clock), clock, story, hub)

    def holder(self, organisation: str, *roles: Role, number: int = 0) -> Actor:
        """Somebody of `organisation` who holds the first of `roles` that anybody there holds."""
        for role in roles:
            people = self.story.holders(organisation, role)
            if people:
                return self.actors[people[number].email]
        raise LookupError(f"{organisation} has no {' or '.join(roles)}")

    async def do(
        self, actor: Actor, operation: Callable[[UnitOfWork, Actor, C], Awaitable[T]], command: C
    ) -> T:
        """One operation in a unit of work of its own."""
        async with self.work_of(actor) as work:
            return await operation(work, actor, command)

    @asynccontextmanager
    async def work_of(self, actor: Actor) -> AsyncIterator[UnitOfWork]:
        """A unit of work for several operations of one actor."""
        async with self.database.unit_of_work(actor.signature()) as work:
            yield work
