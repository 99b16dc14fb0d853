"""A gate before PostgreSQL: open, slow, or silent, as a network or a hung server is.

It runs in a thread of its own, so that whoever drives the faults may block.
"""

import asyncio
import contextlib
import threading
from types import TracebackType
from typing import Self

PIECE = 64 * 1024


class Gate:
    """Forwards 127.0.0.1:`port` to `host`:`upstream` while it is entered.

    `delay`: seconds before each piece goes on, either way. `shut()`: nothing goes on any more, and
    nobody is told; new connections are taken and met with silence. `open()`: what waits goes on.
    `drop()`: whoever met the silence is cut off by a reset, as a firewall does that lost its state.
    `lead_to()`: who comes from now on gets to another server, as where an address moves.
    """

    def __init__(self, host: str, upstream: int) -> None:
        self._target = (host, upstream)
        self.delay = 0.0
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._passing = asyncio.Event()
        self._passing.set()
        self._under_way: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._started.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    def shut(self) -> None:
        self._loop.call_soon_threadsafe(self._passing.clear)

    def open(self) -> None:
        self._loop.call_soon_threadsafe(self._passing.set)

    def drop(self) -> None:
        self._loop.call_soon_threadsafe(self._drop)

    def lead_to(self, upstream: int) -> None:
        self._target = (self._target[0], upstream)

    def _drop(self) -> None:
        for task in self._under_way:
            task.cancel()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._end = asyncio.Event()
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._end.wait()
        server.close()
        under_way = list(self._under_way)
        self._drop()
        await asyncio.gather(*under_way, return_exceptions=True)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._under_way[task] = writer
        beyond: asyncio.StreamWriter | None = None
        try:
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await self._passing.wait()
                answers, beyond = await asyncio.open_connection(*self._target)
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._pass_on(reader, beyond))
                    both.create_task(self._pass_on(answers, writer))
        except* OSError:
            pass
        finally:
            del self._under_way[task]
            for side in (writer, beyond):
                if side is not None:
                    side.transport.abort()

    async def _pass_on(self, source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        while piece := await source.read(PIECE):
            if self.delay:
                await asyncio.sleep(self.delay)
            await self._passing.wait()
            to.write(piece)
            await to.drain()
        # One side hung up: the other is told, by the end of both.
        await self._passing.wait()
        raise ConnectionResetError
