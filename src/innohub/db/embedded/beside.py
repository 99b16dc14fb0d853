"""A second database on the embedded server."""

import asyncpg

from innohub.db.engine import read_url

_THERE = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)"


async def database_beside(url: str, name: str, *, like: bool) -> str:
    """The URL of the database `name` on the server of `url`, made where it is missing.

    `like`: as a copy of the database of `url`, to which nobody else may be connected then. A copy
    is made in a moment, where an empty one has to go through every migration.
    """
    connection = await asyncpg.connect(read_url(url))
    try:
        if not await connection.fetchval(_THERE, name):
            own = await connection.fetchval("SELECT current_database()")
            template = f' TEMPLATE "{own}"' if like else ""
            await connection.execute(f'CREATE DATABASE "{name}"{template}')
    finally:
        await connection.close()
    return read_url(url).rsplit("/", 1)[0] + f"/{name}"
