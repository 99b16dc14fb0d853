"""The demonstration market, told into an empty database by the hub's own services.

All of it happens in one transaction: a database holds the whole market or nothing of it, however
the telling ends. What is imported here is light, since every start of the hub comes by.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from innohub.db.engine import create_engine
from innohub.db.unit_of_work import Clock, utc_now
from innohub.errors import Conflict, InnoHubError
from innohub.settings import Settings

if TYPE_CHECKING:
    from innohub.seed.market import Story
    from innohub.seed.people import Password

__all__ = ["Progress", "SeedReport", "seed_if_empty"]

Progress = Callable[[int, int, str], None]
"""Called with the steps done, the steps in all, and what was done."""
SEED_LOCK = 0x5EED
IS_EMPTY = text("""
    SELECT NOT EXISTS (SELECT FROM person)
       AND NOT EXISTS (SELECT FROM organisation WHERE kind <> 'force' OR demonstration)
       AND NOT EXISTS (SELECT FROM technology)
       AND NOT EXISTS (SELECT FROM oauth_client)
       AND NOT EXISTS (SELECT FROM audit_entry)
""")
"""Nothing but what migrations load: the real forces and the reference lists."""


@dataclass(frozen=True)
class SeedReport:
    """What the market holds now, and where the accounts to sign in with are written."""

    organisations: int
    people: int
    technologies: int
    pilots: int
    ratings: int
    rounds: int
    accounts: Path
    seconds: float


async def seed_if_empty(
    settings: Settings, *, clock: Clock = utc_now, progress: Progress | None = None
) -> SeedReport | None:
    """Tell the demonstration market up to the day that `clock` shows, where there is no market yet.

    None, and nothing changed, where there is one. Writes `demo-accounts.json` into the data folder.
    Raises InnoHubError without a database URL, Conflict while another process seeds, StoryError for
    content at fault.
    """
    if settings.database_url is None:
        raise InnoHubError("DATABASE_URL is not set: there is nothing to seed.")
    began = time.monotonic()
    engine = create_engine(settings.database_url, settings)
    try:
        async with engine.connect() as connection:
            if not await connection.scalar(IS_EMPTY):
                return None
        if progress is not None:
            progress(0, 1, "Reading the story")
        story, passwords = await _prepared()
        return await _seed(engine, settings, clock, progress, story, passwords, began)
    finally:
        await engine.dispose()


async def _prepared() -> "tuple[Story, dict[str, Password]]":
    """The story and its people's passwords, hashed while the statistics are loaded."""
    from innohub.seed.people import passwords_of
    from innohub.seed.story import load_story

    story = await asyncio.to_thread(load_story)
    passwords, _ = await asyncio.gather(passwords_of(story), asyncio.to_thread(_load_statistics))
    return story, passwords


def _load_statistics() -> None:
    """What the first effect would wait for, imported beside the event loop."""
    for kind in ("count_rate", "mean", "proportion"):
        import_module(f"innohub.market.evidence.estimators.{kind}")


async def _seed(
    engine: AsyncEngine,
    settings: Settings,
    clock: Clock,
    progress: Progress | None,
    story: "Story",
    passwords: "dict[str, Password]",
    began: float,
) -> SeedReport | None:
    from innohub.seed.telling import tell

    # From here until the commit nothing is stored: a crash leaves the database as it was.
    async with engine.begin() as connection:
        if not await _claimed(connection):
            return None
        accounts = await tell(connection, settings, clock, progress, story, passwords)
    return SeedReport(
        organisations=len(story.tenants),
        people=len(story.people),
        technologies=len(story.technologies),
        pilots=len(story.pilots),
        ratings=len(story.ratings),
        rounds=len(story.rounds),
        accounts=accounts,
        seconds=time.monotonic() - began,
    )


async def _claimed(connection: AsyncConnection) -> bool:
    """Whether the market is still empty, and ours alone to fill."""
    lock = text("SELECT pg_try_advisory_xact_lock(:key)")
    if not await connection.scalar(lock, {"key": SEED_LOCK}):
        raise Conflict("Another process seeds this database right now.")
    return bool(await connection.scalar(IS_EMPTY))
