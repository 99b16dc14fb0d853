from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser
from starlette.applications import Starlette

from innohub.app import create_app
from innohub.db.unit_of_work import Database
from innohub.settings import Settings
from tests.conftest import Clock
from tests.web.browser import a_chromium
from tests.web.visitor import Visitor


@pytest_asyncio.fixture
async def app(database: Database, settings: Settings, clock: Clock) -> AsyncIterator[Starlette]:
    """The whole hub, over an empty market."""
    app = create_app(settings.model_copy(update={"redis_url": None}), clock=clock)
    async with app.router.lifespan_context(app):
        yield app


@pytest_asyncio.fixture
async def visitor(app: Starlette, settings: Settings) -> AsyncIterator[Visitor]:
    """Nobody in particular, to begin with."""
    visitor = Visitor(app, settings.base_url)
    async with visitor.client:
        yield visitor


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One Chromium for all tests; they are marked `asyncio(loop_scope="session")`, as it is."""
    async with a_chromium() as browser:
        yield browser
