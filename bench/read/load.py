"""The clients: a process of its own that keeps a number of connections busy and measures.

Run as `python -m read.load`: takes a Load as JSON on standard input, writes a Measured as JSON.
"""

import asyncio
import base64
import contextlib
import json
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import psutil
import uvloop

CONNECT_SECONDS = 10


@dataclass(frozen=True)
class Load:
    port: int
    requests: Sequence[str]
    """Whole HTTP/1.1 requests in base64, sent in turn."""
    concurrency: int
    seconds: float
    warm: float
    """Seconds before the measurement."""
    server_pid: int
    postgres_pid: int


@dataclass(frozen=True)
class Measured:
    """`cpu_…`: milliseconds of processor time for each request."""

    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float
    bytes: float
    cpu_server_ms: float
    cpu_postgres_ms: float


class Client(asyncio.Protocol):
    """One connection: sends the next request when the answer to the last is complete."""

    def __init__(self, clients: "Clients") -> None:
        self.clients = clients
        self.buffer = bytearray()
        self.needed = 0
        self.began = 0.0
        self.done: asyncio.Future[None] | None = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def run(self) -> asyncio.Future[None]:
        """Send until the clients say stop."""
        self.done = asyncio.get_running_loop().create_future()
        self._send()
        return self.done

    def _send(self) -> None:
        self.buffer.clear()
        self.needed = 0
        self.began = time.perf_counter()
        self.transport.write(next(self.clients.requests))

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.needed:
            self.needed = length(self.buffer)
        if not self.needed or len(self.buffer) < self.needed:
            return
        check(self.buffer)
        self.clients.answered(time.perf_counter() - self.began, len(self.buffer))
        if time.perf_counter() < self.clients.until:
            self._send()
        elif self.done and not self.done.done():
            self.done.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport.close()
        if self.done and not self.done.done():
            self.done.set_exception(ConnectionError("The server closed a connection."))


def length(buffer: bytearray) -> int:
    """Bytes of the whole answer, once its head is there; 0 before. Raises ValueError without a
    Content-Length."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return 0
    for line in bytes(buffer[:end]).lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return end + 4 + int(line.partition(b":")[2])
    raise ValueError(f"An answer without a length: {bytes(buffer[:end])!r}")


def check(buffer: bytearray) -> None:
    """Raises ValueError for an answer that is a failure: it would be fast for nothing."""
    if buffer[9:12] != b"200" or b'\r\n\r\n{"errors"' in buffer[:2000]:
        raise ValueError(f"A failed answer: {bytes(buffer[:1000])!r}")


class Clients:
    """All connections of one measurement."""

    def __init__(self, load: Load) -> None:
        self.port = load.port
        self.requests = _in_turn([base64.b64decode(text) for text in load.requests])
        self.until = 0.0
        self.latencies: list[float] = []
        self.bytes = 0
        self._open: list[Client | None] = [None] * load.concurrency

    def answered(self, seconds: float, size: int) -> None:
        self.latencies.append(seconds)
        self.bytes += size

    async def connect(self) -> list[Client]:
        """Open those that are not, and those that the server closed while they were idle."""
        self._open = [
            await self._opened() if client is None or client.transport.is_closing() else client
            for client in self._open
        ]
        return [client for client in self._open if client is not None]

    async def _opened(self) -> Client:
        loop = asyncio.get_running_loop()
        connecting = loop.create_connection(lambda: Client(self), "127.0.0.1", self.port)
        _, client = await asyncio.wait_for(connecting, CONNECT_SECONDS)
        return client

    async def keep_busy(self, seconds: float) -> float:
        """Run all for that long and to the end of what they sent; returns the seconds it took."""
        connections = await self.connect()
        self.latencies, self.bytes = [], 0
        began = time.perf_counter()
        self.until = began + seconds
        await asyncio.gather(*(client.run() for client in connections))
        return time.perf_counter() - began


def _in_turn(requests: Sequence[bytes]) -> Iterator[bytes]:
    while True:
        yield from requests


async def measure(load: Load) -> Measured:
    clients = Clients(load)
    await clients.keep_busy(load.warm)
    server, postgres = processor(load.server_pid), processor(load.postgres_pid)
    took = await clients.keep_busy(load.seconds)
    server_seconds = spent(server, processor(load.server_pid))
    postgres_seconds = spent(postgres, processor(load.postgres_pid))
    number = len(clients.latencies)
    return Measured(
        requests=number,
        per_second=number / took,
        p50_ms=statistics.median(clients.latencies) * 1000,
        p99_ms=percentile(clients.latencies, 0.99) * 1000,
        bytes=clients.bytes / number,
        cpu_server_ms=server_seconds / number * 1000,
        cpu_postgres_ms=postgres_seconds / number * 1000,
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least that share of all values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def processor(pid: int) -> dict[int, float]:
    """Seconds of processor time until now, of a process and of each of its children."""
    found: dict[int, float] = {}
    parent = psutil.Process(pid)
    for process in (parent, *parent.children(recursive=True)):
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            found[process.pid] = times.user + times.system
    return found


def spent(before: dict[int, float], after: dict[int, float]) -> float:
    """Seconds between the two moments; what a child spent that ended meanwhile is lost."""
    return sum(seconds - before.get(pid, 0.0) for pid, seconds in after.items())


if __name__ == "__main__":
    given = Load(**json.load(sys.stdin))
    print(json.dumps(asdict(uvloop.run(measure(given)))))
