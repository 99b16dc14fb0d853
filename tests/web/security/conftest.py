from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio
from starlette.applications import Starlette

from innohub.settings import Settings
from tests.identity.a_hub import a_client, an_app
from tests.web.security.pages import routes


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"base_url": "https://hub.test"})


@pytest.fixture
def app(settings: Settings) -> Starlette:
    """Without a database: what guards every request needs none."""
    return an_app(None, None, settings, *routes)


@pytest_asyncio.fixture
async def browser(app: Starlette, settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    """Keeps its cookies from one request to the next."""
    async with a_client(app, settings) as client:
        yield client
