import socket
from collections.abc import AsyncIterator

import httpx2
import pytest_asyncio

from innohub.app import create_app
from innohub.db.unit_of_work import Database
from innohub.hub.database import database_of
from innohub.settings import Settings
from tests.conftest import Clock
from tests.graphql.live.stage import Stage, serving
from tests.market.pilots.cast import a_cast


@pytest_asyncio.fixture
async def stage(database: Database, settings: Settings, clock: Clock) -> AsyncIterator[Stage]:
    """`database` has emptied the market; the stage's own has every hook that production has."""
    elsewhere = database_of(database.engine, clock=clock)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        here = settings.model_copy(update={"base_url": url, "redis_url": None})
        app = create_app(here, clock=clock)
        cast = await a_cast(elsewhere)
        async with serving(app, here, bound), httpx2.AsyncClient(base_url=url) as http:
            yield Stage(url, app, here, cast, http)
