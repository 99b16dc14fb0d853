from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser
from starlette.applications import Starlette

from innohub.app import Stores, create_app
from innohub.db.engine import ReadPool
from innohub.db.unit_of_work import Database
from innohub.graphql.events_feed import Feed
from innohub.hub.database import database_of
from innohub.settings import Settings
from tests.conftest import Clock
from tests.web.browser import a_chromium
from tests.web.visitor import Visitor


@pytest_asyncio.fixture
async def app(
    database: Database, settings: Settings, clock: Clock, reads: ReadPool
) -> AsyncIterator[Starlette]:
    """The whole hub, over an empty market."""
    assert settings.database_url is not None
    own = settings.model_copy(update={"redis_url": None})
    feed = Feed(settings.database_url)
    stores = Stores(own, database_of(database.engine, clock=clock), reads, None, feed)
    app = create_app(own, clock=clock, stores=stores)
    async with app.router.lifespan_context(app):
        yield app
    await feed.close()


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
