"""A network between workers and their target that loses, delays and breaks, by a seed.

One request a connection. Worst of all it delivers late: a request that its sender gave up arrives
after newer ones.
"""

import asyncio
import contextlib
import json
import random
import secrets
import time
from collections import Counter
from dataclasses import dataclass, field

READ_SECONDS = 30.0
TOKEN_SECONDS = 8
FRESH_SECONDS = 3
"""A token so young is not refused: a server that refuses each one must be seen to by people."""
CANNED = (
    b"HTTP/1.1 %d Fault\r\ncontent-type: application/json\r\n%scontent-length: 2\r\n"
    b"connection: close\r\n\r\n{}"
)
ANSWERS = {
    "error": CANNED % (500, b""),
    "throttled": CANNED % (429, b"retry-after: 0\r\n"),
    "refused": CANNED % (401, b""),
}


@dataclass
class Chances:
    """How often what goes wrong, as shares of all requests."""

    error: float = 0.05
    """500, and nothing was taken."""
    throttled: float = 0.03
    refused: float = 0.03
    """401: all tokens count no longer."""
    reset: float = 0.04
    """The connection breaks before the request arrives."""
    lost: float = 0.06
    """The request arrives, its answer does not."""
    late: float = 0.05
    """The request arrives after its sender gave up."""
    slow: float = 0.03
    """The answer trickles in over longer than the sender waits."""
    late_seconds: tuple[float, float] = (3.2, 7.0)


@dataclass
class Proxy:
    """Forwards to `port` on this machine what bears a token, which it gives out itself at `/token`
    for a few seconds each. `calm` lets everything through.
    """

    port: int
    seed: int
    chances: Chances = field(default_factory=Chances)
    calm: bool = False
    seen: Counter[str] = field(default_factory=Counter)
    _tokens: dict[bytes, float] = field(default_factory=dict)
    _random: random.Random = field(init=False)
    _under_way: set[asyncio.Task[bytes]] = field(default_factory=set)
    _connections: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        task = asyncio.current_task()
        assert task
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
                request = await _request(reader)
                await self._answer(request, writer)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def hang_up(self) -> None:
        """End every connection that is still open: its sender is gone."""
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def settled(self) -> None:
        """Wait until nothing is under way any more."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def _answer(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        if request.startswith(b"POST /token "):
            await _send(writer, self._token())
            return
        left = self._seconds_left(request)
        fate = self._fate() if left > 0 else "refused"
        if fate == "refused" and left > TOKEN_SECONDS - FRESH_SECONDS:
            fate = "through"
        self.seen[fate] += 1
        if fate == "refused":
            self._tokens.clear()
        if fate in ANSWERS:
            await _send(writer, ANSWERS[fate])
        elif fate == "reset":
            writer.transport.abort()
        elif fate == "lost":
            await self._forward(request)
            writer.transport.abort()
        elif fate == "late":
            self._forward(request, self._random.uniform(*self.chances.late_seconds))
            await asyncio.sleep(self.chances.late_seconds[0])
            writer.transport.abort()
        elif fate == "slow":
            answer = await self._forward(request)
            for start in range(0, len(answer), 64):
                await _send(writer, answer[start : start + 64])
                await asyncio.sleep(0.5)
        else:
            await _send(writer, await self._forward(request))

    def _forward(self, request: bytes, after: float = 0.0) -> asyncio.Task[bytes]:
        """In a task of its own: once on its way, a request arrives whatever its sender does."""
        task = asyncio.create_task(_forwarded(self.port, request, after))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    def _token(self) -> bytes:
        self.seen["token"] += 1
        token = secrets.token_hex(8)
        self._tokens[token.encode()] = time.monotonic() + TOKEN_SECONDS
        body = json.dumps(
            {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS}
        ).encode()
        head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n"
        return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body

    def _seconds_left(self, request: bytes) -> float:
        head = request.partition(b"\r\n\r\n")[0]
        token = head.lower().partition(b"authorization: bearer ")[2].partition(b"\r\n")[0]
        return self._tokens.get(token, 0.0) - time.monotonic()

    def _fate(self) -> str:
        if self.calm:
            return "through"
        chosen, passed = self._random.random(), 0.0
        for name in ("error", "throttled", "refused", "reset", "lost", "late", "slow"):
            passed += getattr(self.chances, name)
            if chosen < passed:
                return name
        return "through"


async def _request(reader: asyncio.StreamReader) -> bytes:
    """The request, asking for one answer and the end of the connection."""
    async with asyncio.timeout(READ_SECONDS):
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head[:-4].split(b"\r\n")
        length = 0
        for line in lines[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        body = await reader.readexactly(length)
    kept = [line for line in lines if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*kept, b"connection: close", b"", b""]) + body


async def _forwarded(port: int, request: bytes, after: float) -> bytes:
    await asyncio.sleep(after)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    await writer.drain()
    answer = await reader.read(-1)
    writer.close()
    await writer.wait_closed()
    return answer


async def _send(writer: asyncio.StreamWriter, answer: bytes) -> None:
    writer.write(answer)
    await writer.drain()
