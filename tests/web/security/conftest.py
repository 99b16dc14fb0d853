from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio
from starlette.applications import Starlette

from innohub.db.engine import ReadPool
from innohub.db.unit_of_work import Database
from innohub.settings import Settings
from tests.identity.a_hub import a_client, an_app
from tests.web.security.pages import routes


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"base_url": "https://hub.test"})


@pytest_asyncio.fixture
async def app(database: Database, reads: ReadPool, settings: Settings) -> Starlette:
    return an_app(database, reads, settings, *routes)


@pytest_asyncio.fixture
async def browser(app: Starlette, settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    """Keeps its cookies from one request to the next."""
    async with a_client(app, settings) as client:
        yield client
