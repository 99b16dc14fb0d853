"""A second database on the embedded server."""

from contextlib import suppress

import asyncpg

from innohub.db.engine import read_url

_THERE = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)"


async def database_beside(url: str, name: str, *, like: bool) -> str:
    """The URL of the database `name` on the server of `url`, made where it is missing.

    `like`: as a copy of the database of `url`, made in a moment where an empty one has to go
    through every migration. It is empty all the same while somebody else is connected to that.
    """
    connection = await asyncpg.connect(read_url(url))
    try:
        if not await connection.fetchval(_THERE, name):
            if like:
                own = await connection.fetchval("SELECT current_database()")
                with suppress(asyncpg.ObjectInUseError):
                    await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{own}"')
                    return _beside(url, name)
            await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()
    return _beside(url, name)


def _beside(url: str, name: str) -> str:
    return read_url(url).rsplit("/", 1)[0] + f"/{name}"
