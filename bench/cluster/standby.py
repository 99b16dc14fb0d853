"""A PostgreSQL and a streaming standby of it, each a server of its own."""

import asyncio
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg

from innohub.db.embedded.account import unprivileged
from innohub.db.embedded.postgres import EmbeddedPostgres, programs


class Standby:
    """What is done with the standby. `url` names it."""

    def __init__(self, server: EmbeddedPostgres, primary: str) -> None:
        self.server, self.primary = server, primary
        self.start()

    def start(self) -> None:
        self.url = self.server.start()

    def stop(self) -> None:
        self.server.stop()

    async def promote(self) -> None:
        """Return once it takes writes."""
        assert await asked(self.url, "SELECT pg_promote(true, 300)")

    async def pause(self) -> None:
        """What comes from the primary is kept, and not yet seen."""
        await asked(self.url, "SELECT pg_wal_replay_pause()")
        await self._until("SELECT pg_get_wal_replay_pause_state() = 'paused'")

    async def resume(self) -> None:
        """Return once it has seen all that the primary has."""
        await asked(self.url, "SELECT pg_wal_replay_resume()")
        await self.follow()

    async def follow(self) -> None:
        head = await asked(self.primary, "SELECT pg_current_wal_flush_lsn()::text")
        await self._until(f"SELECT pg_last_wal_replay_lsn() >= '{head}'")

    async def _until(self, question: str) -> None:
        for _ in range(2_000):
            if await asked(self.url, question):
                return
            await asyncio.sleep(0.01)
        raise TimeoutError(question)


@contextmanager
def a_primary(folder: Path) -> Iterator[str]:
    """Its URL. It keeps what a standby needs, and spares itself the disk."""
    with EmbeddedPostgres(folder) as url:
        asyncio.run(asked(url, "ALTER SYSTEM SET fsync = off"))
        asyncio.run(asked(url, "SELECT pg_reload_conf()"))
        yield url


@contextmanager
def a_standby(
    primary: str,
    folder: Path,
    options: Mapping[str, str] | None = None,
    *,
    port: int | None = None,
) -> Iterator[Standby]:
    """In a folder that is not there yet. `options`: the primary's own; fewer connections than it
    has, and it would not follow."""
    folder.mkdir()
    cluster = folder / "cluster"
    subprocess.run(
        [programs() / "pg_basebackup", "-D", cluster, "-d", primary, "-R", "-c", "fast"],
        check=True,
        capture_output=True,
    )
    if account := unprivileged(folder / "nowhere"):
        for path in (cluster, *cluster.rglob("*")):
            os.chown(path, account.uid, account.gid)
    (folder / "password").write_text(_password(primary))
    standby = Standby(EmbeddedPostgres(folder, port=port, options=options or {}), primary)
    try:
        yield standby
    finally:
        standby.stop()


async def asked(url: str, sql: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


def _password(url: str) -> str:
    return url.partition("://innohub:")[2].partition("@")[0]
