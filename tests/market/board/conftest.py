import pytest_asyncio

from innohub.db.unit_of_work import Database
from tests.market.board.rounds import BoardStage, a_board_stage


@pytest_asyncio.fixture
async def stage(database: Database) -> BoardStage:
    return await a_board_stage(database)
