"""What a run costs and where it waits: processor time and memory of every process, and what
PostgreSQL's sessions were waiting for, looked at several times a second."""

import asyncio
import contextlib
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import psutil

from innohub.db.engine import read_url

LOOK_SECONDS = 0.25
WAITS = """
SELECT coalesce(wait_event_type || ': ' || wait_event, 'on the processor') AS what, count(*)
FROM pg_stat_activity
WHERE state = 'active' AND pid <> pg_backend_pid() AND application_name LIKE 'innohub%'
GROUP BY 1
"""


@dataclass
class Watched:
    seconds: float = 0.0
    cores: dict[str, float] = field(default_factory=dict)
    """By process: processor seconds a second. PostgreSQL is all of its processes together."""
    memory_mb: dict[str, list[float]] = field(default_factory=dict)
    """By process, over time: resident memory; of PostgreSQL only what is its processes' own."""
    waits: Counter[str] = field(default_factory=Counter)
    machine: float = 0.0
    """Of all cores, how much was in use, by anybody."""

    def growth_mb(self, name: str) -> float:
        """From the first quarter's middle to the last's: what starting and chance do not make."""
        seen = self.memory_mb[name]
        quarter = max(1, len(seen) // 4)
        first, last = sorted(seen[:quarter]), sorted(seen[-quarter:])
        return last[len(last) // 2] - first[len(first) // 2]


class Watch:
    """Use as `async with`; then `found` holds what was seen."""

    def __init__(self, processes: dict[str, int], url: str, every: float = LOOK_SECONDS) -> None:
        self.found = Watched()
        self._pids, self._url, self._every = processes, url, every

    async def __aenter__(self) -> "Watch":
        self._sql = await asyncpg.connect(read_url(self._url))
        self._before = {name: processor(pid) for name, pid in self._pids.items()}
        self._began = time.monotonic()
        psutil.cpu_percent()
        self._looking = asyncio.create_task(self._look())
        return self

    async def __aexit__(self, *_: Any) -> None:
        self._looking.cancel()
        await asyncio.gather(self._looking, return_exceptions=True)
        found = self.found
        found.seconds = time.monotonic() - self._began
        found.machine = psutil.cpu_percent() / 100
        for name, pid in self._pids.items():
            found.cores[name] = spent(self._before[name], processor(pid)) / found.seconds
        await self._sql.close()

    async def _look(self) -> None:
        while True:
            for row in await self._sql.fetch(WAITS):
                self.found.waits[row["what"]] += row["count"]
            for name, pid in self._pids.items():
                self.found.memory_mb.setdefault(name, []).append(memory_mb(pid))
            await asyncio.sleep(self._every)


def processor(pid: int) -> dict[int, float]:
    """Seconds of processor time until now, of a process and of each of its children."""
    found: dict[int, float] = {}
    with contextlib.suppress(psutil.Error):
        parent = psutil.Process(pid)
        for process in (parent, *parent.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                times = process.cpu_times()
                found[process.pid] = times.user + times.system
    return found


def spent(before: dict[int, float], after: dict[int, float]) -> float:
    return sum(seconds - before.get(pid, 0.0) for pid, seconds in after.items())


def memory_mb(pid: int) -> float:
    """Resident, less what is shared: PostgreSQL's buffers would count in each of its processes."""
    found = 0.0
    with contextlib.suppress(psutil.Error):
        parent = psutil.Process(pid)
        for process in (parent, *parent.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                told = process.memory_info()
                found += told.rss - told.shared
    return found / 2**20
