"""A primary and a standby that has every change before it is acknowledged, under the cluster: what
an operator does when the primary is gone, step by step as docs/operate.md has it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from bench.cluster.standby import Standby, a_standby, asked
from bench.cluster.topology import POSTGRES
from innohub.db.embedded.wheel import free_port
from tests.faults.cluster.load import PATIENCE
from tests.faults.cluster.stage import Stage

IN_STEP = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"


class Pair:
    def __init__(self, stage: Stage, folder: Path) -> None:
        self._stage, self._cluster, self._gate = stage, stage.cluster, stage.gate
        self._folder = folder
        self._standby: Standby

    async def add_a_standby(self, name: str) -> None:
        """From now on no change is acknowledged that it has not stored."""
        beside = a_standby(
            self._cluster.database_url, self._folder / name, POSTGRES, port=free_port()
        )
        self._standby = await asyncio.to_thread(self._stage.servers.enter_context, beside)
        await self._set("SET synchronous_standby_names = '*'")
        async with asyncio.timeout(PATIENCE):
            while not await asked(self._cluster.database_url, IN_STEP):  # noqa: ASYNC110 - nobody gives an event
                await asyncio.sleep(0.05)

    async def lose_the_primary(self) -> None:
        """With all its processes, as a machine is lost."""
        server = psutil.Process(self._cluster.processes["postgres"])
        # The first one first: it would start the others anew.
        for process in (server, *server.children(recursive=True)):
            process.kill()
        await asyncio.to_thread(self._cluster.postgres.stop)

    async def promote(self) -> None:
        """The address leads to the standby, which for a while goes on refusing changes; then it is
        the database."""
        self._gate.lead_to(self._standby.server.port or 0)
        await asyncio.sleep(1)
        await self._standby.promote()
        self._cluster.postgres, self._cluster.database_url = self._standby.server, self._standby.url

    async def part(self) -> None:
        """Nobody waits for a standby any more; the one that is left alone is the database."""
        await self._set("RESET synchronous_standby_names")
        if self._standby.server is not self._cluster.postgres:
            await asyncio.to_thread(self._standby.stop)

    async def _set(self, change: str) -> None:
        await asked(self._cluster.database_url, f"ALTER SYSTEM {change}")
        await asked(self._cluster.database_url, "SELECT pg_reload_conf()")


@asynccontextmanager
async def a_pair(stage: Stage, folder: Path) -> AsyncIterator[Pair]:
    folder.mkdir()
    pair = Pair(stage, folder)
    await pair.add_a_standby("first")
    try:
        yield pair
    finally:
        await pair.part()
