"""The migration of a release to come: it expands, under a lock timeout, in a database that others
work in, and is run again where it cannot have its lock. What runs already does not notice it."""

import asyncio

import asyncpg

from innohub.db.engine import read_url

EXPAND = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE pilot ADD COLUMN of_a_release_to_come_{turn} text NOT NULL DEFAULT 'none';
CREATE TABLE of_a_release_to_come_{turn} (id bigint PRIMARY KEY, pilot_id bigint REFERENCES pilot);
"""
TRIES = 20


async def migrated(url: str, turn: int) -> None:
    connection = await asyncpg.connect(read_url(url))
    try:
        for _ in range(TRIES):
            try:
                async with connection.transaction():
                    await connection.execute(EXPAND.format(turn=turn))
                return
            except asyncpg.LockNotAvailableError:
                await asyncio.sleep(1)
        raise TimeoutError
    finally:
        await connection.close()
