from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio

from innohub.db.engine import ReadPool
from innohub.db.unit_of_work import Database
from innohub.identity.models import Organisation
from innohub.identity.permissions import Scope
from innohub.settings import Settings
from tests import factories
from tests.identity.a_hub import Machine, a_client, a_machine, an_app


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The hub behind TLS, as it runs in earnest."""
    return settings.model_copy(update={"base_url": "https://hub.test"})


@pytest_asyncio.fixture
async def hub(
    database: Database, reads: ReadPool, settings: Settings
) -> AsyncIterator[httpx2.AsyncClient]:
    async with a_client(an_app(database, reads, settings), settings) as client:
        yield client


@pytest_asyncio.fixture
async def supplier(database: Database) -> Organisation:
    return await factories.a_supplier(database)


@pytest_asyncio.fixture
async def machine(database: Database, supplier: Organisation) -> Machine:
    return await a_machine(database, supplier, Scope.LISTINGS_READ, Scope.LISTINGS_WRITE)
