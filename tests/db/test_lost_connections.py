"""PostgreSQL ends connections that lie in our pool; nobody who comes next is hurt by it."""

import asyncio

from sqlalchemy import text

from innohub.db.engine import create_engine
from innohub.settings import Settings


async def test_a_connection_that_was_closed_while_it_lay_idle_is_not_handed_out(
    settings: Settings, migrated_url: str
) -> None:
    engine = create_engine(migrated_url, settings)
    other = create_engine(migrated_url, settings)
    try:
        async with engine.connect() as first, engine.connect() as second:
            idle = [await each.scalar(text("SELECT pg_backend_pid()")) for each in (first, second)]
        async with other.connect() as connection:
            for pid in idle:
                await connection.execute(text(f"SELECT pg_terminate_backend({pid})"))
        # The end of a connection is heard of by the loop, as any answer is.
        await asyncio.sleep(0.05)
        async with engine.connect() as first, engine.connect() as second:
            fresh = [await each.scalar(text("SELECT pg_backend_pid()")) for each in (first, second)]
        assert not set(fresh) & set(idle)
    finally:
        await engine.dispose()
        await other.dispose()
