"""The release before runs on the schema of this one, and a migration waits for nobody for long."""

import asyncio
import copy
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from innohub.db import expanding, migrate
from innohub.db.engine import read_url, write_url
from innohub.db.readiness import ready
from tests.conftest import own_database


async def test_the_last_release_finds_all_that_it_names_in_the_schema_of_this_one(
    migrated_url: str,
) -> None:
    assert await migrate.contracted(migrated_url) == []


async def test_a_process_of_the_release_before_is_ready_on_the_schema_of_a_later_one(
    postgres_url: str,
) -> None:
    """So that an orchestrator leaves it among those that answer while the others are replaced, and
    takes it back. Its own `innohub migrate` has nothing to do there."""
    url = await own_database(postgres_url, "innohub_test_upgrading")
    connection = await asyncpg.connect(read_url(url))
    await connection.execute("CREATE TABLE alembic_version (version_num text PRIMARY KEY)")
    assert await migrate.pending(url) == list(migrate.chain())
    await connection.execute("INSERT INTO alembic_version VALUES ('of a later release')")
    engine = create_async_engine(write_url(url))
    assert await ready(engine) == []
    await engine.dispose()
    await migrate.upgrade(url)
    there = "SELECT array_agg(tablename::text) FROM pg_tables WHERE schemaname = 'public'"
    assert await connection.fetchval(there) == ["alembic_version"]
    await connection.close()


def changed(change: Any) -> list[str]:
    before = expanding.last_release()
    now = copy.deepcopy(before)
    change(now)
    return expanding.contractions(before, now)


def test_what_the_last_release_would_stumble_over_is_named() -> None:
    new = {"type": "text", "needed": True, "filled": False}
    assert changed(lambda now: now.pop("rating")) == ["rating is gone"]
    assert changed(lambda now: now["pilot"].pop("site")) == ["pilot.site is gone"]
    assert changed(lambda now: now["pilot"]["site"].update(type="integer")) == [
        "pilot.site was text and is integer"
    ]
    assert changed(lambda now: now["pilot"]["decision"].update(needed=True)) == [
        "pilot.decision has to be given, and had not"
    ]
    assert changed(lambda now: now["pilot"].update(new=new)) == [
        "pilot.new is new, and a row without it is refused"
    ]
    assert changed(lambda now: now["pilot"].update(new={**new, "filled": True})) == []
    assert changed(lambda now: now.update(another={"id": new})) == []


async def test_a_migration_that_cannot_have_its_lock_lets_others_by_and_tries_again(
    postgres_url: str,
) -> None:
    url = await own_database(postgres_url, "innohub_test_upgrading")
    holder = await asyncpg.connect(read_url(url))
    await holder.execute("CREATE TABLE busy (id int)")
    await holder.execute("BEGIN; LOCK TABLE busy")
    tries: list[None] = []

    def alter(connection: Connection) -> None:
        tries.append(None)
        connection.execute(text("ALTER TABLE busy ADD COLUMN more int"))
        connection.commit()

    migrating = asyncio.create_task(migrate.patiently(url, alter, lock_timeout="50ms", pause=0.05))
    while len(tries) < 2 and not migrating.done():  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    await holder.execute("ROLLBACK")
    await migrating
    assert await holder.fetchval("SELECT count(more) FROM busy") == 0

    await holder.execute("BEGIN; LOCK TABLE busy")
    tries.clear()
    with pytest.raises(DBAPIError, match="lock timeout"):
        await migrate.patiently(url, alter, lock_timeout="10ms", pause=0.0)
    assert len(tries) == migrate.TRIES
    await holder.close()


async def test_an_index_that_was_left_unfinished_is_built_anew(postgres_url: str) -> None:
    url = await own_database(postgres_url, "innohub_test_upgrading")
    connection = await asyncpg.connect(read_url(url))
    await connection.execute("CREATE TABLE twice (id int)")
    await connection.execute("INSERT INTO twice VALUES (1), (1)")
    build = "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS of_twice ON twice (id)"
    with pytest.raises(asyncpg.UniqueViolationError):
        await connection.execute(build)
    await connection.execute("DELETE FROM twice")
    await connection.execute(build)
    valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'of_twice'::regclass"
    assert await connection.fetchval(valid) is False, "it counts as being there"

    def again(on: Connection) -> None:
        on.execution_options(isolation_level="AUTOCOMMIT").execute(text(build))

    await migrate.patiently(url, again)
    assert await connection.fetchval(valid) is True
    await connection.close()
