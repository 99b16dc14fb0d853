"""Connections through a pooler that lends a server process for one transaction, as PgBouncer does.

Nothing may outlive a transaction there: no prepared statement, no setting of the session, no lock
of it, no LISTEN. So statements have no name, settings are set anew in each transaction, and every
statement is in one: between the two messages of a statement outside, the server process may change.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine

OPTION = "innohub_pooled"
"""The execution option of an engine that says whether it goes through a pooler."""
SETTINGS = {"application_name": "innohub", "timezone": "UTC"}
"""What a pooler carries from one server process to the next."""
CONNECT: dict[str, Any] = {
    "server_settings": SETTINGS,
    "statement_cache_size": 0,
    "prepared_statement_cache_size": 0,
    "prepared_statement_name_func": lambda: "",
}


def is_pooled(engine: AsyncEngine) -> bool:
    return bool(engine.get_execution_options().get(OPTION))


def set_in_each_transaction(engine: AsyncEngine, settings: Mapping[str, str]) -> None:
    """Begin each transaction by its settings: one round trip more."""
    chosen = ", ".join(
        f"set_config('{name}', '{value}', true)" for name, value in _of_a_transaction(settings)
    )

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(f"SELECT {chosen}")

    event.listen(engine.sync_engine, "begin", begin)


@asynccontextmanager
async def reading(
    connection: "asyncpg.Connection[Any]", settings: Mapping[str, str] | None
) -> AsyncIterator[None]:
    """A transaction that reads, with these settings; without settings, none."""
    if settings is None:
        yield
        return
    chosen = "; ".join(
        f"SET LOCAL {name} = '{value}'" for name, value in _of_a_transaction(settings)
    )
    await connection.execute(f"BEGIN READ ONLY; {chosen}")
    try:
        yield
    except (asyncio.CancelledError, asyncpg.InterfaceError, OSError):
        # Lost, or still busy: it is given up, and the transaction with it.
        raise
    except BaseException:
        if not connection.is_closed():
            await connection.execute("ROLLBACK")
        raise
    await connection.execute("COMMIT")


def _of_a_transaction(settings: Mapping[str, str]) -> list[tuple[str, str]]:
    without = {*SETTINGS, "default_transaction_read_only"}
    return [(name, value) for name, value in settings.items() if name not in without]
