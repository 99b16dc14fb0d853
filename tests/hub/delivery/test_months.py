"""The log of attempts by months: made ahead, dropped whole, made of the table that was there."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from sqlalchemy import func, select, text

from innohub.db import migrate
from innohub.db.engine import read_url
from innohub.db.unit_of_work import Database
from innohub.hub.delivery.months import parts_of, tend_months
from innohub.hub.models import Attempt, Delivery
from tests.conftest import own_database
from tests.hub.scene import RealClock, Supplied, happen

PLACE = text("SELECT tableoid::regclass::text FROM attempt ORDER BY id")


async def log(database: Database, *moments: datetime) -> None:
    """An attempt at each moment, as the courier logs them."""
    async with database.session() as session, session.begin():
        delivery = (await session.scalars(select(Delivery))).one()
        for moment in moments:
            session.add(
                Attempt(
                    organisation_id=delivery.organisation_id,
                    connection_id=delivery.connection_id,
                    delivery_id=delivery.id,
                    number=1,
                    started_at=moment,
                    ms=1,
                    outcome="ok",
                    detail="",
                    request_headers={},
                    request_excerpt="",
                    response_excerpt="",
                    request_id="",
                    created_at=moment,
                )
            )
            await session.flush()


async def places(database: Database) -> list[str]:
    async with database.session() as session:
        return list((await session.scalars(PLACE)).all())


async def test_months_are_made_ahead_filled_with_what_waited_and_dropped_whole(
    database: Database, supplied: Supplied, clock: RealClock
) -> None:
    await happen(database, supplied.supplier)
    await tend_months(database)
    async with database.session() as session:
        last = max(part.until for part in await parts_of(session))
    assert last >= clock() + timedelta(days=59), "this month and the next two"

    beyond = last + timedelta(days=40)
    await log(database, clock(), beyond)
    assert (await places(database))[1] == "attempt_otherwise"
    clock.ahead = beyond - datetime.now(UTC)
    assert await tend_months(database) >= 2
    assert await tend_months(database) == 0
    month = f"attempt_{beyond:%Y_%m}"
    assert (await places(database))[1] == month

    clock.pass_seconds(timedelta(days=440).total_seconds())
    await tend_months(database)
    assert await places(database) == []
    async with database.session() as session:
        names = {part.name for part in await parts_of(session)}
        assert month not in names
        assert f"attempt_{clock():%Y_%m}" in names
        assert await session.scalar(select(func.count()).select_from(Delivery)) == 1


@pytest.mark.parametrize("rows", [0, 3])
async def test_what_was_logged_before_is_the_first_part_and_numbers_go_on(
    postgres_url: str, rows: int
) -> None:
    url = await own_database(postgres_url, "innohub_test_months")
    await migrate.upgrade(url, "0090")
    connection = await asyncpg.connect(read_url(url))
    # Rows of a log without all that a log is about.
    await connection.execute("SET session_replication_role = replica")
    added = (
        "INSERT INTO attempt (organisation_id, connection_id, delivery_id, number, started_at, ms,"
        " outcome, detail, request_headers, request_excerpt, response_excerpt, request_id,"
        " created_at) SELECT 1, 1, 1, n, now(), 1, 'ok', '', '{}', '', '', '', now()"
        " FROM generate_series(1, $1::int) n"
    )
    await connection.execute(added, rows)

    await migrate.upgrade(url)
    await connection.execute(added, 1)
    found = await connection.fetch("SELECT id, tableoid::regclass::text FROM attempt ORDER BY id")
    assert [tuple(row) for row in found] == [
        (number, "attempt_before") for number in range(1, rows + 2)
    ]
    attached = "SELECT count(*) FROM pg_index WHERE indrelid = 'attempt_before'::regclass"
    assert await connection.fetchval(attached) == 3, "no index was built anew"
    assert await migrate.drift(url) == []
    if rows:
        # Back to the release before, which writes on, and here again.
        await migrate.downgrade(url, "0078")
        await connection.execute(added, 1)
        numbers = "SELECT array_agg(id ORDER BY id) FROM attempt"
        assert await connection.fetchval(numbers) == list(range(1, rows + 3))
        await migrate.upgrade(url)
        await connection.execute(added, 1)
        assert await connection.fetchval(numbers) == list(range(1, rows + 4))
        assert await migrate.drift(url) == []
    await connection.close()
