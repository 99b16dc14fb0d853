import pytest_asyncio

from innohub.db.unit_of_work import Database
from tests.market.catalogue.stage import Stage, a_stage


@pytest_asyncio.fixture
async def stage(database: Database) -> Stage:
    return await a_stage(database)
