"""How the market of one test is taken away before the next."""

import asyncio
import threading
from importlib.resources import files
from typing import Self

import asyncpg
import yaml

from innohub.db.engine import read_url

KEPT = {
    "alembic_version", "organisation", "organisation_slug", "reference_value", "synonym_set",
}  # fmt: skip
"""Tables that migrations fill; of `organisation` the real forces stay, none of them merged."""
FORCES = [
    force["slug"]
    for force in yaml.safe_load(
        files("innohub").joinpath("identity", "reference", "forces.yaml").read_text("utf-8")
    )["forces"]
]
FIRST_DAY = "2026-01-01"
"""When what the migrations fill in was born; tests play later."""
EMPTYING = f"""
    DO $$
    DECLARE emptied record;
    BEGIN
        -- Without foreign keys and triggers: that, and what TRUNCATE does for every table with each
        -- of its indexes, takes a hundred times as long as a test's few rows need. Only a superuser
        -- may, which whoever starts a PostgreSQL for tests is.
        SET LOCAL session_replication_role = replica;
        FOR emptied IN
            SELECT table_.oid::regclass AS name, sequence_.objid::regclass AS numbers
            FROM pg_class AS table_
            LEFT JOIN pg_depend AS sequence_
                ON sequence_.refobjid = table_.oid
                AND sequence_.classid = 'pg_class'::regclass
                AND sequence_.deptype IN ('a', 'i')
                AND (SELECT relkind FROM pg_class WHERE oid = sequence_.objid) = 'S'
            WHERE table_.relnamespace = 'public'::regnamespace
                AND table_.relkind IN ('r', 'p')
                AND table_.relname NOT IN ({", ".join(f"'{name}'" for name in sorted(KEPT))})
        LOOP
            -- A table that nobody wrote to since it was made, or vacuumed, has no pages.
            IF pg_relation_size(emptied.name) > 0 THEN
                EXECUTE format('DELETE FROM %s', emptied.name);
            END IF;
            IF emptied.numbers IS NOT NULL THEN
                PERFORM setval(emptied.numbers, 1, false);
            END IF;
        END LOOP;
        -- What forces proposed and advisers approved is no reference data of the release.
        DELETE FROM reference_value WHERE detail ? 'local_to';
        DELETE FROM organisation WHERE slug NOT IN ({", ".join(f"'{slug}'" for slug in FORCES)});
        DELETE FROM organisation_slug s
            WHERE NOT EXISTS (SELECT FROM organisation o WHERE o.slug = s.slug);
        UPDATE organisation SET valid_to = NULL, successor_id = NULL WHERE successor_id IS NOT NULL;
        DELETE FROM synonym_set WHERE created_at > '{FIRST_DAY}'::timestamptz + '1 day';
    END $$
"""


class Emptier:
    """Empties the market over a connection that lasts: a new one knows none of our tables, and
    learns of each before it may delete from it, which takes it longer than most tests.

    The connection lives in a thread and an event loop of its own, as each test has another.
    """

    def __init__(self, url: str) -> None:
        self._url = read_url(url)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._connection: asyncpg.Connection | None = None

    async def empty(self) -> None:
        """Leave reference data and forces, and nothing else."""
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._empty(), self._loop))

    async def _empty(self) -> None:
        if self._connection is None or self._connection.is_closed():
            limit = {"statement_timeout": "60s"}
            self._connection = await asyncpg.connect(self._url, server_settings=limit)
        await self._connection.execute(EMPTYING)

    async def _close(self) -> None:
        if self._connection is not None:
            await self._connection.close()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
