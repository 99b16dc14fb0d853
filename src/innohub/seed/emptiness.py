"""Whether there is a market yet, and who may begin one: a database with any data is left alone."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from innohub.errors import Conflict

SEED_LOCK = 0x5EED
"""The advisory lock of whoever seeds, held until the end of the transaction."""
_IS_EMPTY = text("""
    SELECT NOT EXISTS (SELECT FROM person)
       AND NOT EXISTS (SELECT FROM organisation WHERE kind <> 'force' OR demonstration)
       AND NOT EXISTS (SELECT FROM technology)
       AND NOT EXISTS (SELECT FROM oauth_client)
       AND NOT EXISTS (SELECT FROM audit_entry)
""")


async def is_empty(connection: AsyncConnection) -> bool:
    """Whether the database holds what migrations load and nothing else: the real forces and the
    reference lists."""
    return bool(await connection.scalar(_IS_EMPTY))


async def claim(connection: AsyncConnection) -> bool:
    """Whether the market is empty, and from now on this transaction's alone to fill.

    Raises Conflict while another process seeds.
    """
    lock = text("SELECT pg_try_advisory_xact_lock(:key)")
    if not await connection.scalar(lock, {"key": SEED_LOCK}):
        raise Conflict("Another process seeds this database right now.")
    return await is_empty(connection)
