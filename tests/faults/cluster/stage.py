"""The cluster under load, and what must hold of it after any fault."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field

import asyncpg

from bench.cluster import Cluster
from bench.cluster.gate import Gate
from innohub.db.engine import read_url
from innohub.processes import Child
from tests.faults.cluster.load import PATIENCE, Load, Record
from tests.faults.cluster.market import Market
from tests.faults.cluster.receiver import Receiver

WAITING = "SELECT count(*) FROM delivery WHERE state IN ('queued', 'sending', 'retrying')"
HAPPENED = """
SELECT type, payload->>'reason' AS reason FROM event
WHERE stream = $1 AND type IN ('pilot.paused', 'pilot.resumed') ORDER BY seq
"""


@dataclass
class Stage:
    cluster: Cluster
    market: Market
    receiver: Receiver
    way: Gate
    """Between the workers and the receiver."""
    servers: ExitStack
    """Those that are started on the way, stopped after the cluster."""
    record: Record = field(default_factory=Record)

    @property
    def gate(self) -> Gate:
        assert self.cluster.gate is not None
        return self.cluster.gate

    @asynccontextmanager
    async def under_load(self, what: str) -> AsyncIterator[Load]:
        """Load before, through and after the fault in the block; then everything must be there."""
        self.record.answers.clear()
        self.record.faults.clear()
        async with Load(self.cluster.address, self.market, self.record).going() as load:
            await load.goes_on(1)
            yield load
            mended = time.monotonic()
            await load.goes_on()
            took = time.monotonic() - mended
        await self.settled()
        answers = dict(sorted(self.record.answers.items()))
        print(  # noqa: T201 - for who runs it with -s: how long it took to come back
            f"{what}: longest silence {self.record.longest_silence:.1f} s, then three changes each "
            f"in {took:.1f} s, all delivered after {time.monotonic() - mended:.1f} s; {answers}"
        )
        await self.holds()

    async def settled(self) -> None:
        """Nothing is on its way to the supplier any more."""
        connection = await self._connection()
        try:
            async with asyncio.timeout(PATIENCE):
                while await connection.fetchval(WAITING):  # noqa: ASYNC110 - nobody gives an event
                    await asyncio.sleep(0.05)
        finally:
            await connection.close()

    async def holds(self) -> None:
        """What was acknowledged is in the hub and with the supplier: once, in order, nothing else;
        and nobody was told that something unexpected went wrong."""
        assert self.record.faults == []
        connection = await self._connection()
        try:
            for pilot, done in self.record.done.items():
                stream = f"pilot/{pilot}"
                rows = await connection.fetch(HAPPENED, stream)
                assert [(row["type"], row["reason"]) for row in rows] == done
                assert self.receiver.taken(stream) == done
        finally:
            await connection.close()
        assert self.receiver.inbox.report()["out_of_order"] == []

    async def again(self, child: Child) -> None:
        """Stopped where it still runs, and started, as whatever keeps services running does."""

        def start() -> None:
            child.stop()
            child.start()

        await asyncio.to_thread(start)

    @property
    def hub(self) -> list[Child]:
        return [*self.cluster.web, *self.cluster.workers]

    def stop_hub(self) -> None:
        for child in self.hub:
            child.begin_stop()
        for child in self.hub:
            child.stop()

    def start_hub(self) -> None:
        for child in self.hub:
            child.start()
        self.cluster.wait(*self.hub)

    async def ready(self, *children: Child) -> None:
        await asyncio.to_thread(self.cluster.wait, *children)

    async def innohub(self, *arguments: str) -> str:
        """What a command of the hub says, on this cluster, by the code that is tested. It must
        succeed."""
        environment = {
            **self.cluster.web[0].environment,
            "DATABASE_URL": self.cluster.database_url,
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        }
        running = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "innohub",
            *arguments,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await running.communicate()
        assert running.returncode == 0, said.decode()
        return said.decode()

    async def _connection(self) -> "asyncpg.Connection":
        return await asyncpg.connect(read_url(self.cluster.database_url))
