"""A whole hub for the journeys: its own database, Valkey, the web process and the worker."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from innohub.cli.demo.accounts import Accounts
from innohub.cli.demo.market import Market
from innohub.cli.run import environment
from innohub.cli.supervise import wait_until_healthy
from innohub.db.embedded.wheel import free_port
from innohub.db.engine import create_engine
from innohub.db.unit_of_work import utc_now
from innohub.processes import Child
from innohub.seed.market import Story
from innohub.seed.people import passwords_of
from innohub.seed.story import load_story
from innohub.seed.telling import tell
from innohub.settings import Settings
from tests.conftest import Another

PILOTED = {
    "rialto-body-worn-cameras",
    "glanrhyd-tarnspark",
    "calderwick-casefold",
    "northmere-ottercall",
}
"""Enough of the story for a search, an overlap and a round; all of it would take a minute."""


@dataclass(frozen=True)
class RunningHub:
    address: str
    settings: Settings
    accounts: Accounts
    environment: dict[str, str]
    """For a command beside it."""


@pytest.fixture(scope="package")
def hub(
    another: Another, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningHub]:
    """The hub as `innohub run` starts it, with a small demonstration market."""
    port = free_port()
    settings = Settings(
        database_url=another("journeys"),
        redis_url=redis_url,
        data_dir=tmp_path_factory.mktemp("journeys"),
        base_url=f"http://127.0.0.1:{port}",
        port=port,
        demonstration=True,
        outbound_allow_loopback=True,
    )
    asyncio.run(_seed(settings))
    given = {**environment(settings), "INNOHUB_PORT": str(port)}
    with ExitStack() as stack:
        web, worker = (_child(command, settings.data_dir, given) for command in ("serve", "worker"))
        for child in (web, worker):
            stack.callback(child.stop)
            child.start()
        wait_until_healthy(web, "127.0.0.1", port)
        yield RunningHub(settings.base_url, settings, Accounts.read(settings.data_dir), given)
        assert worker.exit_code() is None, worker.last_words()


@pytest.fixture(scope="module")
def market(hub: RunningHub) -> Iterator[Market]:
    """People and machines who have done nothing yet."""
    with ExitStack() as stack:
        yield Market(hub.address, hub.accounts, stack)


def _quietly(done: int, total: int, what: str) -> None:
    """Nobody watches the market being told."""


def small(story: Story) -> Story:
    """The story with a few of its pilots, their technologies and ratings."""
    pilots = tuple(
        pilot.model_copy(update={"challenge": None})
        for pilot in story.pilots
        if pilot.slug in PILOTED
    )
    listed = {pilot.technology for pilot in pilots}
    return story.model_copy(
        update={
            "technologies": tuple(row for row in story.technologies if row.slug in listed),
            "pilots": pilots,
            "ratings": tuple(rating for rating in story.ratings if rating.pilot in PILOTED),
            "together": tuple(row for row in story.together if row.pilot in PILOTED),
            "answers": tuple(row for row in story.answers if row.technology in listed),
            "papers": tuple(
                row
                for row in story.papers
                if row.technology in listed and row.pilot in (None, *PILOTED)
            ),
            "searches": tuple(row for row in story.searches if set(row.chosen) <= listed),
            "rounds": (),
            "challenges": (),
            "earlier": (),
            "pools": (),
            "quotes": tuple(row for row in story.quotes if row.technology in listed),
            "savings": (),
        }
    )


async def _seed(settings: Settings) -> None:
    assert settings.database_url is not None
    story = small(load_story())
    engine = create_engine(settings.database_url, settings)
    try:
        async with engine.begin() as connection:
            await tell(connection, settings, utc_now, _quietly, story, await passwords_of(story))
    finally:
        await engine.dispose()


def _child(command: str, folder: Path, given: dict[str, str]) -> Child:
    arguments = [sys.executable, "-m", "innohub.cli.main", command]
    return Child(name=command, arguments=arguments, folder=folder, environment=given)
