import pytest_asyncio

from innohub.db.unit_of_work import Database
from tests.market.pilots.cast import Cast, a_cast


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)
