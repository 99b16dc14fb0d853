"""The command line of the bench; see ../README.md."""

import argparse
import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
from cluster import Cluster, Topology
from read.data import Scale

from innohub.db.embedded.wheel import free_port
from innohub.db.engine import read_url
from innohub.processes import Child
from innohub.settings import Settings

from .clients import SHARES
from .people import Cast, cast
from .report import Run, costs_of, print_costs, print_runs, result
from .watching import Watch

BENCH = Path(__file__).parents[1]
DATA = BENCH.parent / ".data" / "bench" / "load"
SUPPLIERS = 500
SCALE = Scale(
    technologies=5_000,
    suppliers=SUPPLIERS,
    ratings=15_000,
    pilots=9_000,
    results=20_000,
    in_full=5_000,
)
SETTLE_SECONDS = 120.0
PENDING = "SELECT count(*) FROM delivery WHERE state IN ('queued', 'sending', 'retrying')"
WRITTEN = "SELECT pg_current_wal_lsn() - '0/0'"
"""Bytes of PostgreSQL's log."""
DELIVERED = "SELECT count(*) FROM delivery WHERE state = 'delivered'"
NEXT_NUMBERS = """
DO $$
DECLARE filled record;
BEGIN
    FOR filled IN
        SELECT quote_ident(table_name) AS name, pg_get_serial_sequence(table_name, 'id') AS numbers
        FROM information_schema.columns
        WHERE table_schema = 'public' AND column_name = 'id' AND is_identity = 'YES'
    LOOP
        EXECUTE format(
            'SELECT setval(%L, (SELECT coalesce(max(id), 0) + 1 FROM %s), false)',
            filled.numbers, filled.name);
    END LOOP;
END $$
"""
"""data.sql numbers its rows itself."""
ENVIRONMENT = {
    "INNOHUB_REQUESTS_A_MINUTE": "0",
    "INNOHUB_ACCESS_TOKEN_MINUTES": "600",
    "INNOHUB_LOG_LEVEL": "WARNING",
}
ALONE = ("browse", "search", "technology", "pilot", "result", "sync")


def main() -> None:
    given = _arguments()
    if given.soak:
        given.web, given.seconds = [2], given.soak * 60.0
        given.rate = given.rate or 6.0
    with _receiver(given.data) as receiver:
        runs = [_run(number, given, receiver) for number in given.web]
    print_runs(runs)
    costs = runs[-1].costs
    if costs:
        print_costs(costs)
    print(json.dumps(result(runs, costs)))


def _run(web: int, given: argparse.Namespace, receiver: str) -> Run:
    people: list[Cast] = []

    def fill(settings: Settings) -> None:
        people.append(asyncio.run(filled(settings, receiver)))

    topology = Topology(web=web, workers=given.workers, environment=ENVIRONMENT)
    with Cluster(given.data / "hub", topology, fill) as cluster:
        return asyncio.run(_measured(cluster, people[0], given, web))


async def filled(settings: Settings, receiver: str) -> Cast:
    """The market of the bench, where there is none yet, and who acts on it."""
    assert settings.database_url is not None
    sql = await asyncpg.connect(read_url(settings.database_url))
    try:
        if not await sql.fetchval("SELECT count(*) FROM technology"):
            await sql.execute(SCALE.fill())
            await sql.execute(NEXT_NUMBERS)
            await sql.execute("VACUUM (ANALYZE)")
    finally:
        await sql.close()
    return await cast(settings, receiver)


async def _measured(cluster: Cluster, people: Cast, given: argparse.Namespace, web: int) -> Run:
    hour: dict[str, Any] = {
        "address": cluster.address,
        "cast": people.told(),
        "clients": given.clients,
        "seconds": given.seconds,
        "warm": given.warm,
        "rate": given.rate,
        "shares": SHARES,
    }
    sql = await asyncpg.connect(read_url(cluster.database_url))
    try:
        before = await sql.fetchval(DELIVERED)
        every = 5.0 if given.soak else 0.25
        async with Watch(cluster.processes, cluster.database_url, every) as watch:
            told = await clients(hour, given.data)
        run = Run(web, watch.found, told, given.clients)
        await _settled(sql)
        run.deliveries = await sql.fetchval(DELIVERED) - before
        if given.costs and web == given.web[-1]:
            for kind in ALONE:
                alone = {**hour, "shares": {kind: 1}, "clients": 8, "seconds": 8.0, "warm": 2.0}
                written = await sql.fetchval(WRITTEN)
                async with Watch(cluster.processes, cluster.database_url) as watch:
                    told = await clients(alone, given.data)
                await _settled(sql)
                written = int(await sql.fetchval(WRITTEN) - written)
                run.costs[kind] = costs_of(kind, watch.found, told, written)
    finally:
        await sql.close()
    return run


async def clients(hour: dict[str, Any], folder: Path) -> dict[str, Any]:
    """What they measured, as `clients.Hour` tells them."""
    measured = folder / "measured.json"
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "load.clients", measured, cwd=BENCH, stdin=asyncio.subprocess.PIPE
    )
    await running.communicate(json.dumps(hour).encode())
    found: dict[str, Any] = json.loads(measured.read_text())
    return found


async def _settled(sql: "asyncpg.Connection[Any]") -> None:
    until = time.monotonic() + SETTLE_SECONDS
    while await sql.fetchval(PENDING) and time.monotonic() < until:  # noqa: ASYNC110
        await asyncio.sleep(0.2)


@contextlib.contextmanager
def _receiver(folder: Path) -> Iterator[str]:
    receiver, address = receiver_in(folder)
    receiver.start()
    try:
        yield address
    finally:
        receiver.stop()


def receiver_in(folder: Path) -> tuple[Child, str]:
    """What everybody sends to, not started yet, and its address."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    arguments = [sys.executable, "-m", "sync.receiver", str(port)]
    receiver = Child(name="receiver", arguments=arguments, folder=folder, cwd=BENCH)
    return receiver, f"http://127.0.0.1:{port}"


def _arguments() -> argparse.Namespace:
    def numbers(text: str) -> list[int]:
        return [int(one) for one in text.split(",")]

    parser = argparse.ArgumentParser(description="A mixed hour in minutes.")
    parser.add_argument("--web", type=numbers, default=[1, 2, 4], help="web processes, in turn")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--warm", type=float, default=10.0)
    parser.add_argument("--rate", type=float, default=0.0, help="a second, of all; 0: at once")
    parser.add_argument("--soak", type=float, default=0.0, metavar="MINUTES")
    parser.add_argument("--data", type=Path, default=DATA, help="kept for the next run")
    parser.add_argument("--no-costs", dest="costs", action="store_false")
    given = parser.parse_args()
    given.data = given.data.resolve()
    return given
