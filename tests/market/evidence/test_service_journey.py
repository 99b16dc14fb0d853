"""A pilot's whole life at the level of services, from the wish to the published result."""

import pytest_asyncio
from innohub.db.unit_of_work import Database
from tests.market.pilots.cast import Cast, a_cast


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)

async def test_x(cast: Cast) -> None:
    pilot, result = await cast.decided()
    print(result.finding, result.notes, result.verdict, result.secondary, result.__dict__)
