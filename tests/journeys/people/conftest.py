"""A hub on a port of this machine for the journeys of people, emptied before each; and the ways to
walk one: at a desk and on a telephone, by the keys alone and without scripts."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser
from starlette.applications import Starlette

from innohub.app import create_app
from innohub.db.unit_of_work import Database
from innohub.identity.actor import Actor
from innohub.identity.models import Person
from innohub.settings import Settings
from tests.conftest import Clock, empty
from tests.journeys.people.hands import Keyboard, WithoutScripts
from tests.journeys.people.walker import Looked, Walker
from tests.market.board.rounds import BoardStage, a_board_stage
from tests.market.pilots.cast import Cast, a_cast
from tests.web.browser import WIDTHS, a_chromium, a_port, a_reader, a_session, serving, settings_at

PATIENCE = 30_000
"""Milliseconds, for a machine that has much else to do."""
WAYS = [
    pytest.param((width, hand), id=f"{screen}-{name}")
    for screen, width in WIDTHS.items()
    for name, hand in (("keyboard", Keyboard), ("without-scripts", WithoutScripts))
]


class RunningClock(Clock):
    """Nothing happens twice in one moment: whoever asks finds it a second later."""

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass
class Served:
    app: Starlette
    settings: Settings

    @property
    def database(self) -> Database:
        database: Database = self.app.state.database
        return database


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with a_chromium() as browser:
        yield browser


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def served(
    chromium: Browser, migrated_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    with a_port() as bound:
        settings = settings_at(bound, migrated_url, tmp_path_factory)
        app = create_app(settings, clock=RunningClock())
        async with serving(app, bound):
            yield Served(app, settings)


@pytest_asyncio.fixture(loop_scope="session")
async def market(served: Served) -> Database:
    """The hub's database, with reference data and forces only."""
    await empty(served.database)
    return served.database


@pytest_asyncio.fixture(loop_scope="session")
async def cast(market: Database) -> Cast:
    return await a_cast(market)


@pytest_asyncio.fixture(loop_scope="session")
async def stage(market: Database) -> BoardStage:
    return await a_board_stage(market)


At = Callable[[Actor], Awaitable[Walker]]
"""Seats somebody at a screen of their own."""


@pytest.fixture(scope="session")
def looked_at() -> Looked:
    """The pages in which barriers were looked for already, in every journey of this process."""
    return set()


@pytest_asyncio.fixture(loop_scope="session", params=WAYS)
async def at_a_screen(
    request: pytest.FixtureRequest, chromium: Browser, served: Served, looked_at: Looked
) -> AsyncIterator[At]:
    width, hand = request.param
    async with AsyncExitStack() as screens:

        async def seat(actor: Actor) -> Walker:
            async with served.database.session() as session:
                person = await session.get_one(Person, actor.person_id)
            token = await a_session(served.app, person)
            options: dict[str, Any] = {} if hand.scripts else {"java_script_enabled": False}
            reading = a_reader(chromium, served.settings, width, token, **options)
            reader = await screens.enter_async_context(reading)
            reader.page.set_default_timeout(PATIENCE)
            return Walker(reader, hand(reader.page), width, looked_at)

        yield seat
