"""Whether a process can do its work: the database answers, with the schema that this code needs."""

import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from innohub.db import migrate

READY_SECONDS = 2.0


async def ready(engine: AsyncEngine) -> list[str]:
    """The migrations that are missing; none where all is well. Raises whatever is wrong with the
    database, within READY_SECONDS."""
    async with asyncio.timeout(READY_SECONDS), engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
        return await connection.run_sync(migrate.missing)
