"""The bell: rung after a commit, never in the way of one."""

import asyncio
import contextlib
import time
from urllib.parse import urlsplit

import pytest
import structlog
from arq.connections import ArqRedis

from innohub.db.unit_of_work import Database
from innohub.worker.bell import JOB, after_commit, connect, ring
from innohub.worker.jobs import close, supervise, worker
from tests.factories import a_supplier
from tests.hub.scene import happen


async def test_every_ring_is_a_job_of_its_own(redis_url: str) -> None:
    redis = connect(redis_url)
    await redis.flushall()
    await asyncio.gather(*(ring(redis) for _ in range(5)))
    assert [job.function for job in await redis.queued_jobs()] == [JOB] * 5
    await redis.aclose()


async def test_a_ring_wakes_a_worker_within_a_moment_and_leaves_nothing_behind(
    redis_url: str,
) -> None:
    redis = connect(redis_url)
    await redis.flushall()
    woken = asyncio.Event()
    listener = worker(redis_url, woken.set)
    running = asyncio.create_task(listener.async_run())
    await asyncio.sleep(0.3)
    for _ in range(3):
        woken.clear()
        began = time.monotonic()
        await ring(redis)
        await asyncio.wait_for(woken.wait(), 5)
        assert time.monotonic() - began < 1
    await asyncio.sleep(0.2)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await close(listener)
    assert await redis.keys("arq:job:*") == []
    assert await redis.keys("arq:result:*") == []
    await redis.aclose()


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "redis://:wrong@127.0.0.1:1/0"])
async def test_without_redis_a_write_goes_through_and_the_silence_is_logged(
    database: Database, url: str
) -> None:
    redis = connect(url)
    database.after_commit.append(after_commit(redis))
    supplier = await a_supplier(database)
    began = time.monotonic()
    with structlog.testing.capture_logs() as logged:
        await happen(database, supplier)
    assert time.monotonic() - began < 3
    assert [entry["event"] for entry in logged] == ["bell_not_rung"]
    await redis.aclose()


async def test_the_bell_is_heard_again_when_redis_comes_back(redis_url: str) -> None:
    parts = urlsplit(redis_url)
    gate = Gate(parts.port or 6379)
    await gate.open()
    url = redis_url.replace(f":{parts.port}/", f":{gate.port}/")
    redis, woken = connect(url), asyncio.Event()
    with structlog.testing.capture_logs() as logged:
        supervising = asyncio.create_task(supervise(url, woken.set))
        await asyncio.sleep(0.3)
        await gate.close()
        await asyncio.sleep(2.5)
        await gate.open()
        await asyncio.sleep(1.5)
        woken.clear()
        await ring(redis)
        await asyncio.wait_for(woken.wait(), 5)
    supervising.cancel()
    await asyncio.gather(supervising, return_exceptions=True)
    await redis.aclose()
    await gate.close()
    assert [entry["event"] for entry in logged] == ["redis_lost"], "one word for one silence"


class Gate:
    """A port before Redis that can be shut and opened again."""

    def __init__(self, behind: int) -> None:
        self.behind = behind
        self.port = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._through, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        assert self._server
        self._server.close()
        for writer in self._writers:
            writer.close()
        await asyncio.gather(*(w.wait_closed() for w in self._writers), return_exceptions=True)
        self._writers.clear()

    async def _through(self, near: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        far, onward = await asyncio.open_connection("127.0.0.1", self.behind)
        self._writers |= {out, onward}
        await asyncio.gather(self._pipe(near, onward), self._pipe(far, out))

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                writer.write(data)
        writer.close()


async def test_a_redis_that_does_not_answer_holds_no_request_up(database: Database) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        redis: ArqRedis = connect(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0")
        began = time.monotonic()
        await ring(redis)
        assert time.monotonic() - began < 2
        await redis.aclose()
