import pytest_asyncio

from innohub.db.unit_of_work import Database
from tests.market.challenges.stage import ChallengeStage, a_challenge_stage


@pytest_asyncio.fixture
async def stage(database: Database) -> ChallengeStage:
    return await a_challenge_stage(database)
