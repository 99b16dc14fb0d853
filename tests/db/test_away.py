import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from innohub.db.away import Away, is_away
from innohub.db.unit_of_work import Database

TERMINATE = "SELECT pg_terminate_backend(pg_backend_pid())"


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        TimeoutError(),
        Away(),
        asyncpg.CannotConnectNowError("the database system is starting up"),
        asyncpg.TooManyConnectionsError("sorry, too many clients already"),
        asyncpg.DiskFullError("could not extend file"),
        asyncpg.InternalServerError('could not extend file "base/5/6": Disk quota exceeded'),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in"),
        asyncpg.ReadOnlySQLTransactionError("cannot execute INSERT in a read-only transaction"),
    ],
)
def test_what_passes_by_itself_is_a_database_that_is_away(error: Exception) -> None:
    assert is_away(error)


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.UniqueViolationError("twice"),
        asyncpg.InterfaceError("cannot perform operation: another operation is in progress"),
        asyncpg.InternalServerError("cache lookup failed"),
        FileNotFoundError(),
        ValueError(),
    ],
)
def test_a_fault_of_ours_is_not(error: Exception) -> None:
    assert not is_away(error)


@pytest.mark.parametrize(
    ("statement", "away"), [(TERMINATE, True), ("SELECT pg_sleep(9)", True), ("SELECT 1/0", False)]
)
async def test_sqlalchemys_errors_are_seen_through(
    database: Database, statement: str, away: bool
) -> None:
    with pytest.raises(DBAPIError) as failed:  # noqa: PT012 - the session must be there to fail
        async with database.session() as session:
            await session.execute(text("SET statement_timeout = 50"))
            await session.execute(text(statement))
    assert is_away(failed.value) is away
