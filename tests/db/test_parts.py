"""What is kept for good, by ranges of numbers: parts made ahead, the first of what was there."""

from dataclasses import replace

import asyncpg
import pytest
from sqlalchemy import text

from innohub.db import migrate
from innohub.db.engine import read_url
from innohub.db.parts import NUMBERED, Numbered, bounds, tend_numbers
from innohub.db.unit_of_work import Database
from tests.conftest import own_database

ADDED = {
    "audit_entry": "INSERT INTO audit_entry (seq, at, action, object_type, object_id, detail,"
    " prev_hash, hash) SELECT n, now(), 'person:add', 'person', 1, '{}', '', ''"
    " FROM generate_series($1::bigint, $2::bigint) n",
    "trial_observation": "INSERT INTO trial_observation (number, arm) SELECT n, 'control'"
    " FROM generate_series($1::bigint, $2::bigint) n",
}


@pytest.mark.parametrize("of", NUMBERED, ids=lambda of: of.table)
async def test_the_next_part_is_made_ahead_and_takes_what_waited(
    database: Database, migrated_url: str, of: Numbered
) -> None:
    async with database.session() as session:
        last = max(int(end) for end in (await bounds(session, of.table)).values())
    newest = f"SELECT CAST({last} AS bigint)"
    connection = await asyncpg.connect(read_url(migrated_url))
    await connection.execute(ADDED[of.table], last - 1, last)
    place = f"SELECT {of.column}, tableoid::regclass::text FROM {of.table} ORDER BY 1"
    assert [tuple(row) for row in await connection.fetch(place)] == [
        (last - 1, f"{of.table}_before"),
        (last, f"{of.table}_otherwise"),
    ], "beyond the parts nothing is refused"

    assert await tend_numbers(database, (replace(of, newest=newest),)) == 2
    assert await tend_numbers(database, (replace(of, newest=newest),)) == 0
    found = await connection.fetch(place)
    assert [part for _, part in found][1] == f"{of.table}_from_{last}"
    plan = await connection.fetch(f"EXPLAIN SELECT * FROM {of.table} WHERE {of.column} = {last}")
    read = "\n".join(row[0] for row in plan)
    assert f"{of.table}_before" not in read, "a number says which part it is in"
    assert await migrate.drift(migrated_url) == []
    async with database.engine.begin() as session:
        await session.execute(text(f"DELETE FROM {of.table}"))
        for part in (last, last + of.size):
            await session.execute(text(f"DROP TABLE {of.table}_from_{part}"))
    await connection.close()


async def test_what_was_there_is_the_first_part_and_no_index_is_built_anew(
    postgres_url: str,
) -> None:
    url = await own_database(postgres_url, "innohub_test_numbers")
    await migrate.upgrade(url, "0103")
    connection = await asyncpg.connect(read_url(url))

    async def add(first: int, last: int) -> None:
        for statement in ADDED.values():
            await connection.execute(statement, first, last)

    async def numbers(of: str, column: str) -> list[tuple[int, str]]:
        rows = await connection.fetch(
            f"SELECT {column}, tableoid::regclass::text FROM {of} ORDER BY 1"
        )
        return [tuple(row) for row in rows]

    files = (
        "SELECT array_agg(file ORDER BY file) FROM pg_index, pg_relation_filenode(indexrelid) file"
        " WHERE indrelid = any($1::text[]::regclass[])"
    )
    await add(1, 3)
    before = await connection.fetchval(files, list(ADDED))
    for _ in range(2):
        await migrate.upgrade(url)
        assert await migrate.drift(url) == []
        parts = [f"{table}_before" for table in ADDED]
        assert await connection.fetchval(files, parts) == before
        for table in NUMBERED:
            held = await numbers(table.table, table.column)
            assert {part for _, part in held} == {f"{table.table}_before"}
        await migrate.downgrade(url, "0103")
        last = len(await numbers("audit_entry", "seq"))
        await add(last + 1, last + 1)
        assert [number for number, _ in await numbers("audit_entry", "seq")] == list(
            range(1, last + 2)
        )
    await connection.close()
