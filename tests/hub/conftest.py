from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from innohub.db.unit_of_work import Database
from innohub.hub.delivery import fan_out
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub
from innohub.settings import Settings
from tests.hub.scene import RealClock, Receiving, Supplied, a_connection, a_receiver


@pytest.fixture
def clock() -> RealClock:
    return RealClock()


@pytest_asyncio.fixture
async def database(database: Database) -> Database:
    """With the hub's fan-out, ahead of the audit trail."""
    database.before_commit.insert(0, fan_out.expand)
    return database


@pytest.fixture
def hub(settings: Settings) -> Hub:
    return Hub.of(settings)


@pytest_asyncio.fixture
async def outbound() -> AsyncIterator[Outbound]:
    async with Outbound(allow_loopback=True) as outbound:
        yield outbound


@pytest_asyncio.fixture
async def receiving() -> AsyncIterator[Receiving]:
    async with a_receiver() as receiving:
        yield receiving


@pytest_asyncio.fixture
async def supplied(database: Database, hub: Hub, receiving: Receiving) -> Supplied:
    """A supplier whose connection leads to the receiver."""
    supplied = await a_connection(database, hub, receiving.url)
    receiving.trust(supplied)
    return supplied
