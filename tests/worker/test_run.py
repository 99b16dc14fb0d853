"""The worker as it runs in production: with Redis, without, through its loss, to a clean end."""

import asyncio
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from innohub.db.embedded import EmbeddedValkey
from innohub.db.unit_of_work import Database
from innohub.errors import InnoHubError
from innohub.hub.models import DeliveryState
from innohub.settings import Settings
from innohub.worker.bell import after_commit, connect
from innohub.worker.run import in_sandbox, run, sweeps_of
from innohub.worker.sweeps import Sweep
from tests.hub.scene import Receiving, Supplied, deliveries, happen

DELIVERED = 'innohub_deliveries_total{connector="webhook",outcome="ok"}'


@asynccontextmanager
async def working(settings: Settings, *sweeps: Sweep) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(run(settings, stop, sweeps=sweeps))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 60)


async def until_received(receiving: Receiving, number: int, seconds: float = 60) -> float:
    """Wait until so many events arrived; the seconds it took."""
    began = time.monotonic()
    while receiving.inbox.report()["received"] < number:
        assert time.monotonic() - began < seconds, receiving.inbox.report()
        await asyncio.sleep(0.02)
    return time.monotonic() - began


async def test_it_delivers_without_redis(
    settings: Settings, database: Database, receiving: Receiving, supplied: Supplied
) -> None:
    async with working(settings):
        await happen(database, supplied.supplier, times=3)
        await until_received(receiving, 3)
    assert receiving.seqs() == [1, 2, 3]


async def test_it_tells_what_it_delivered_where_it_is_given_a_port(
    settings: Settings, database: Database, receiving: Receiving, supplied: Supplied
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        listening = settings.model_copy(update={"worker_port": port})
        with pytest.raises(InnoHubError, match=f"Port {port} of"):
            await run(listening, asyncio.Event(), sweeps=())
    await happen(database, supplied.supplier)
    async with working(listening), httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as asked:
        await until_received(receiving, 1)
        assert (await asked.get("/healthz")).json() == {"status": "ok"}
        assert (await asked.get("/readyz")).json() == {"status": "ready"}
        async with asyncio.timeout(10):
            while DELIVERED not in (told := (await asked.get("/metrics")).text):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    assert 'innohub_delivery_seconds_count{connector="webhook"}' in told
    assert 'innohub_pool_most{pool="deliveries"}' in told


async def test_it_goes_on_when_redis_stops(
    settings: Settings,
    database: Database,
    receiving: Receiving,
    supplied: Supplied,
    tmp_path: Path,
) -> None:
    valkey = EmbeddedValkey(tmp_path / "valkey")
    url = valkey.start()
    redis = connect(url)
    database.after_commit.append(after_commit(redis))
    try:
        async with working(settings.model_copy(update={"redis_url": url})):
            await happen(database, supplied.supplier)
            await until_received(receiving, 1)
            await asyncio.to_thread(valkey.stop)
            await happen(database, supplied.supplier, times=2)
            await until_received(receiving, 3)
    finally:
        await redis.aclose()
        valkey.stop()
    assert receiving.seqs() == [1, 2, 3]


async def test_it_works_where_redis_cannot_be_reached(
    settings: Settings, database: Database, receiving: Receiving, supplied: Supplied
) -> None:
    nowhere = settings.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"})
    async with working(nowhere):
        await happen(database, supplied.supplier)
        await until_received(receiving, 1)


async def test_the_bell_is_quicker_than_the_sweep(
    settings: Settings, database: Database, receiving: Receiving, supplied: Supplied, redis_url: str
) -> None:
    redis = connect(redis_url)
    database.after_commit.append(after_commit(redis))
    async with working(settings.model_copy(update={"redis_url": redis_url})):
        await happen(database, supplied.supplier)
        await until_received(receiving, 1)
        took = []
        for number in range(2, 8):
            await happen(database, supplied.supplier)
            took.append(await until_received(receiving, number))
    await redis.aclose()
    assert sorted(took)[len(took) // 2] < 0.7, took


async def test_a_flushed_redis_loses_no_delivery(
    settings: Settings, database: Database, receiving: Receiving, supplied: Supplied, redis_url: str
) -> None:
    redis = connect(redis_url)
    database.after_commit.append(after_commit(redis))
    await happen(database, supplied.supplier, times=5)
    await redis.flushall()
    async with working(settings.model_copy(update={"redis_url": redis_url})):
        await until_received(receiving, 5)
    await redis.aclose()
    assert receiving.seqs() == [1, 2, 3, 4, 5]


async def test_sweeps_run_over_and_over_and_survive_their_failures(settings: Settings) -> None:
    calls = {"well": 0, "ill": 0}

    async def well(database: Database) -> None:
        calls["well"] += 1

    async def ill(database: Database) -> None:
        calls["ill"] += 1
        raise RuntimeError("this round fails")

    async with working(settings, Sweep("well", 0.05, well), Sweep("ill", 0.05, ill)):
        async with asyncio.timeout(60):
            while min(calls.values()) < 4:  # noqa: ASYNC110 - a counter gives no event
                await asyncio.sleep(0.05)


async def test_a_process_stops_cleanly_on_sigterm_and_nothing_is_left_in_hand(
    settings: Settings, database: Database, receiving: Receiving, supplied: Supplied
) -> None:
    for name in (signal.SIGTERM, signal.SIGINT):
        before = receiving.inbox.report()["received"]
        process = subprocess.Popen(
            [sys.executable, "-m", "innohub.cli.main", "worker"],
            env={
                "DATABASE_URL": str(settings.database_url),
                "INNOHUB_DATA_DIR": str(settings.data_dir),
                "INNOHUB_OUTBOUND_ALLOW_LOOPBACK": "true",
            },
        )
        await happen(database, supplied.supplier, times=2)
        await until_received(receiving, before + 2)
        await asyncio.sleep(0.3)
        process.send_signal(name)
        assert await asyncio.to_thread(process.wait, 60) == 0
    assert {row.state for row in await deliveries(database)} == {DeliveryState.DELIVERED}
    assert receiving.seqs() == [1, 2, 3, 4]


def test_the_sandbox_is_tended_and_nothing_is_sent_from_it(settings: Settings) -> None:
    mailing = settings.model_copy(update={"smtp_host": "smtp.example"})
    tended = {sweep.name: sweep for sweep in in_sandbox(sweeps_of(mailing))}
    assert {"sandbox_publish_due", "sandbox_scan_documents", "sandbox_tidy"} <= tended.keys()
    assert not [name for name in tended if "mail" in name or "digest" in name or "reseal" in name]
    assert min(sweep.every_seconds for sweep in tended.values()) >= 10
