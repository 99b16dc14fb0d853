"""One run under faults: several workers, PostgreSQL, Redis, and Kinto behind a bad network.

What breaks next comes after so many requests, not after so much time: a busy machine makes a run
longer, not milder.
"""

import asyncio
import itertools
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import func, select

from innohub.db.embedded import EmbeddedValkey
from innohub.db.unit_of_work import Database
from innohub.hub.connectors.contract import stream_key
from innohub.hub.models import WAITING, Delivery, DeliveryState
from innohub.hub.wiring import Hub
from innohub.processes import Child
from innohub.settings import Settings
from tests.counterparts import CONNECTORS
from tests.counterparts.kinto import Kinto
from tests.faults.proxy import Proxy
from tests.faults.worker import LEASE_SECONDS
from tests.hub.scene import Supplied, a_connection, happen

WORKERS = 3
PILOTS = 12
ROLLED_BACK = 0.05
BACKLOG = 20
"""So many results wait at most, while everything breaks."""
SETTLE_SECONDS = 90.0
GUARDS = ("conditional: etag\n", "  conflict: [412]\n")
"""What the unguarded connector goes without, besides reading back."""
AUTHORISE = """
settings:
  - {name: endpoint, title: Address of the collection, kind: url}
  - {name: token_url, title: Token address, kind: url}
secrets:
  - {name: client_secret, title: Client secret}
authorise:
  grant: client_credentials
  token_url: "{config.token_url}"
  client_id: innohub
"""


@dataclass
class Report:
    """What the witness saw, against what happened."""

    seed: int
    happened: int = 0
    written: int = 0
    repeated: int = 0
    regressed: int = 0
    missing: int = 0
    wrong_at_the_end: int = 0
    unsettled: int = 0
    fates: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)

    @property
    def kept(self) -> bool:
        """Whether each result arrived once in effect, in order, with the right value at the end."""
        return not (
            self.repeated
            or self.regressed
            or self.missing
            or self.wrong_at_the_end
            or self.unsettled
        )


@dataclass
class Stage:
    """What a run needs: a database with the hub's fan-out, and a target that keeps a history."""

    database: Database
    hub: Hub
    settings: Settings
    kinto: Kinto
    folder: Path
    guarded: bool = True


async def run_under_faults(stage: Stage, *, seed: int, results: int, redis: bool = True) -> Report:
    """Let so many results happen while everything breaks, then let it settle and compare. Without
    `redis` it is stopped for good before the first of them."""
    chance = random.Random(seed)
    report = Report(seed)
    collection = await stage.kinto.collection(f"faults{seed}{'' if stage.guarded else 'u'}")
    proxy = Proxy(int(stage.kinto.url.rsplit(":", 1)[1].partition("/")[0]), seed)
    report.fates = proxy.seen
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    address = collection.replace(stage.kinto.url, f"http://127.0.0.1:{port}/v1")
    supplied = await a_connection(
        stage.database,
        stage.hub,
        address,
        connector="guarded" if stage.guarded else "unguarded",
        config={"endpoint": address, "token_url": f"http://127.0.0.1:{port}/token"},
        max_attempts=50,
    )
    async with server, _a_valkey(stage.folder) as (redis_url, stop_redis):
        crew = Crew(stage, redis_url, chance, report, proxy)
        crew.start()
        if not redis:
            await stop_redis()
        try:
            breaking = asyncio.create_task(crew.break_things())
            await _play(stage, supplied, chance, results, report)
            breaking.cancel()
            await asyncio.gather(breaking, return_exceptions=True)
            proxy.calm = True
            crew.revive()
            report.unsettled = await _until_waiting(stage.database, at_most=0)
            await proxy.settled()
        finally:
            await asyncio.to_thread(crew.stop)
            await proxy.hang_up()
    await _compare(stage, supplied, collection, report)
    return report


async def _play(
    stage: Stage, supplied: Supplied, chance: random.Random, results: int, report: Report
) -> None:
    """So many results happen, as fast as they are carried, and on until something has broken; some
    of them in transactions that are rolled back."""
    while report.happened < results or not report.broken:
        stream = f"pilot/{chance.randrange(PILOTS) + 1}"
        if chance.random() < ROLLED_BACK:
            await _roll_back(stage.database, supplied, stream)
        else:
            await happen(stage.database, supplied.supplier, stream)
            report.happened += 1
        await _until_waiting(stage.database, at_most=BACKLOG)


async def _roll_back(database: Database, supplied: Supplied, stream: str) -> None:
    class Regretted(Exception):
        pass

    async def regret(*_: Any) -> None:
        raise Regretted

    database.before_commit.append(regret)
    try:
        await happen(database, supplied.supplier, stream)
    except Regretted:
        pass
    finally:
        database.before_commit.remove(regret)


@dataclass
class Crew:
    """Worker processes that are killed, stalled past their leases, and replaced."""

    stage: Stage
    redis_url: str
    chance: random.Random
    report: Report
    proxy: Proxy
    _workers: list[Child] = field(default_factory=list)
    _stalled: list[tuple[float, Child]] = field(default_factory=list)
    _hired: list[Child] = field(default_factory=list)

    def start(self) -> None:
        self._workers = [self._worker() for _ in range(WORKERS)]

    async def break_things(self) -> None:
        """Until cancelled: kill, stall and wake workers, and empty Redis."""
        async with Redis.from_url(self.redis_url) as bell:
            while True:
                await self._requests(self.chance.randrange(10, 30))
                await self._break_one(bell)

    async def _requests(self, number: int) -> None:
        """Wait for so many more requests to the target."""
        until = self.proxy.seen.total() + number
        while self.proxy.seen.total() < until:  # noqa: ASYNC110 - a counter gives no event
            await asyncio.sleep(0.05)

    async def _break_one(self, bell: Redis) -> None:
        what = self.chance.choice(("kill", "stall", "stall", "wake", "flush"))
        at = self.chance.randrange(len(self._workers))
        self.report.broken[what] += 1
        if what == "kill":
            self._workers[at].send(signal.SIGKILL)
            self._workers[at] = self._worker()
        elif what == "stall" and len(self._stalled) < WORKERS:
            # Stalled past its lease, it goes on later; another takes its place.
            self._workers[at].send(signal.SIGSTOP)
            self._stalled.append((time.monotonic(), self._workers[at]))
            self._workers[at] = self._worker()
        elif what == "wake" and self._stalled:
            since, worker = self._stalled.pop(0)
            await asyncio.sleep(max(0.0, since + LEASE_SECONDS + 0.5 - time.monotonic()))
            worker.send(signal.SIGCONT)
            # In somebody's place: the crew does not grow for ever.
            self._workers[at].send(signal.SIGKILL)
            self._workers[at] = worker
        elif what == "flush":
            with suppress(RedisError, OSError):
                await bell.flushall()

    def revive(self) -> None:
        """Let every stalled worker go on."""
        for _, worker in self._stalled:
            worker.send(signal.SIGCONT)

    def stop(self) -> None:
        for worker in self._hired:
            worker.send(signal.SIGKILL)
            worker.stop()

    def _worker(self) -> Child:
        settings = self.stage.settings
        paths = ",".join(f'"{path}"' for path in settings.connector_paths)
        worker = Child(
            name=f"worker{len(self._hired)}",
            arguments=[sys.executable, "-m", "tests.faults.worker"],
            folder=self.stage.folder,
            environment={
                **os.environ,
                "DATABASE_URL": settings.database_url or "",
                "REDIS_URL": self.redis_url,
                "INNOHUB_DATA_DIR": str(settings.data_dir),
                "INNOHUB_CONNECTOR_PATHS": f"[{paths}]",
                "INNOHUB_OUTBOUND_ALLOW_LOOPBACK": "true",
                "INNOHUB_DATABASE_POOL_SIZE": "6",
            },
        )
        worker.start()
        self._hired.append(worker)
        return worker


async def _until_waiting(database: Database, *, at_most: int) -> int:
    """Wait until so few deliveries wait, or for as long as patience lasts. How many still do."""
    waiting = select(func.count()).select_from(Delivery).where(Delivery.state.in_(WAITING))
    until = asyncio.get_running_loop().time() + SETTLE_SECONDS
    while True:
        async with database.session() as session:
            left = int(await session.scalar(waiting) or 0)
        if left <= at_most or asyncio.get_running_loop().time() > until:
            return left
        await asyncio.sleep(0.05)


async def _compare(stage: Stage, supplied: Supplied, collection: str, report: Report) -> None:
    """The witness's history against what our database says was delivered."""
    async with stage.database.session() as session:
        rows = await session.execute(select(Delivery.stream, Delivery.seq, Delivery.state))
        told = [(row.stream, row.seq, row.state) for row in rows]
    delivered: dict[str, list[int]] = {}
    for stream, seq, state in told:
        key = stream_key(supplied.supplier.id, stream)
        delivered.setdefault(key, []).append(seq)
        report.missing += state is not DeliveryState.DELIVERED
    seen: dict[str, list[int]] = {}
    for write in await stage.kinto.history(collection):
        seen.setdefault(write["id"], []).append(write["data"]["revision"])
    for key, seqs in delivered.items():
        revisions = seen.get(key, [])
        report.written += len(revisions)
        report.repeated += len(revisions) - len(set(revisions))
        report.regressed += sum(later < earlier for earlier, later in itertools.pairwise(revisions))
        report.missing += len(set(seqs) - set(revisions))
        report.wrong_at_the_end += not revisions or revisions[-1] != max(seqs)


@asynccontextmanager
async def _a_valkey(folder: Path) -> AsyncIterator[tuple[str, Callable[[], Awaitable[None]]]]:
    """Its address, and how to stop it."""
    valkey = EmbeddedValkey(folder / "valkey")

    async def stop() -> None:
        await asyncio.to_thread(valkey.stop)

    try:
        yield await asyncio.to_thread(valkey.start), stop
    finally:
        await asyncio.to_thread(valkey.stop)


def connectors(folder: Path) -> Path:
    """A folder with the connector of Kinto behind a token, as it is and as it would be without
    conditional writes: `guarded` and `unguarded`."""
    shipped = (CONNECTORS / "kinto" / "manifest.yaml").read_text()
    before, _, rest = shipped.partition("\nsettings:\n")
    manifest = before + AUTHORISE + rest.partition("\n")[2]
    manifest = manifest.replace("answers:\n", "answers:\n  auth_expired: [401]\n")
    manifest = manifest.replace("[400, 401, 403]", "[400, 403]")
    _write(folder / "guarded", manifest)
    manifest = manifest[: manifest.index("read:\n")] + manifest[manifest.index("answers:\n") :]
    for guard in GUARDS:
        if guard not in manifest:
            raise RuntimeError(f"the connector of Kinto has no {guard.strip()} to go without")
        manifest = manifest.replace(guard, "")
    _write(folder / "unguarded", manifest)
    return folder


def _write(folder: Path, manifest: str) -> None:
    folder.mkdir(parents=True)
    (folder / "manifest.yaml").write_text(manifest.replace("name: kinto", f"name: {folder.name}"))
    for name in ("mapping.yaml", "README.md"):
        (folder / name).write_text((CONNECTORS / "kinto" / name).read_text())
