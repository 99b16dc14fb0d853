"""A worker process that is refused its token, and asks for the next: for tests of several."""

import asyncio
import sys

from innohub.db.engine import create_engine
from innohub.db.unit_of_work import Database
from innohub.hub.access.tokens import Tokens
from innohub.hub.models import Connection
from innohub.hub.wire.outbound import Outbound
from innohub.settings import Settings
from tests.hub.consented import hub_of


async def ask(url: str, vault_key: str, connection_id: int) -> None:
    settings = Settings(
        database_url=url,
        vault_key=vault_key,
        outbound_allow_loopback=True,
        base_url="http://hub.test",
    )
    hub = hub_of(settings)
    engine = create_engine(url, settings)
    database = Database(engine)
    async with database.session() as session:
        connection = await session.get_one(Connection, connection_id)
    grant = hub.registry.get("consented").manifest.authorise
    assert grant is not None
    async with Outbound(allow_loopback=True) as outbound:
        tokens = Tokens(database, hub, outbound)
        print("ready", flush=True)  # noqa: T201
        await asyncio.to_thread(sys.stdin.readline)
        found = await asyncio.gather(
            *(tokens.current(connection, grant, refused=1) for _ in range(5))
        )
    for token in found:
        print(f"token={token.value}")  # noqa: T201
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(ask(sys.argv[1], sys.argv[2], int(sys.argv[3])))
