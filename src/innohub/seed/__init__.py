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

from innohub.db.engine import create_engine
from innohub.db.unit_of_work import Clock, utc_now
from innohub.errors import InnoHubError
from innohub.seed.emptiness import claim, is_empty
from innohub.settings import Settings

if TYPE_CHECKING:
    from innohub.seed.market import Story
    from innohub.seed.people import Password

__all__ = ["Progress", "SeedReport", "seed_if_empty"]

Progress = Callable[[int, int, str], None]
"""Called with the steps done, the steps in all, and what happens now."""


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
    report = progress or _say_nothing
    engine = create_engine(settings.database_url, settings)
    try:
        async with engine.connect() as connection:
            if not await is_empty(connection):
                return None
        report(0, 1, "Reading the story")
        story, passwords = await _prepared()
        from innohub.seed.telling import tell

        # From here until the commit nothing is stored: a crash leaves the database as it was.
        async with engine.begin() as connection:
            if not await claim(connection):
                return None
            accounts = await tell(connection, settings, clock, report, story, passwords)
    finally:
        await engine.dispose()
    return _report(story, accounts, time.monotonic() - began)


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


def _report(story: "Story", accounts: Path, seconds: float) -> SeedReport:
    return SeedReport(
        organisations=len(story.tenants),
        people=len(story.people),
        technologies=len(story.technologies),
        pilots=len(story.pilots),
        ratings=len(story.ratings),
        rounds=len(story.rounds),
        accounts=accounts,
        seconds=seconds,
    )


def _say_nothing(done: int, total: int, what: str) -> None:
    pass
