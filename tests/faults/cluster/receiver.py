"""A supplier's system that can misbehave, in a thread of its own: what it took is the other half of
the record, and lies outside the hub."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import Receive, Scope, Send

from bench.cluster.gate import Gate
from innohub.cli.receiver import Inbox, create_receiver

CLIENT = "innohub"
SECRET = "s3cr+t/ with:reserved%characters=&"
PIECE = b"x" * 65_536
FAILED = {"type": "http.response.start", "status": 500, "headers": []}
TAKEN = {"type": "http.response.start", "status": 200, "headers": []}


class Receiver:
    """Behind a gate, which can hang and reset it. `manners`: "good"; "lies": takes an event and
    says that it failed; "floods": takes it and answers without end."""

    def __init__(self) -> None:
        self.inbox = Inbox(CLIENT, SECRET, signing_secret="")
        self.manners = "good"
        self.met = 0
        """Requests that it behaved badly to."""
        self._inner = create_receiver(self.inbox)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.manners == "good" or scope.get("path") != "/events":
            await self._inner(scope, receive, send)
            return
        manners, answered = self.manners, asyncio.Event()

        async def unheard(message: Any) -> None:
            answered.set()

        await self._inner(scope, receive, unheard)
        self.met += 1
        if manners == "lies":
            await send(FAILED)
            await send({"type": "http.response.body", "body": b""})
            return
        await send(TAKEN)
        with contextlib.suppress(OSError):
            while self.manners == manners:
                await send({"type": "http.response.body", "body": PIECE, "more_body": True})
                await asyncio.sleep(0)

    def taken(self, stream: str) -> list[tuple[str, str | None]]:
        """Type and reason of every event of a stream, each once, as they came."""
        return [
            (event["type"], event["data"]["payload"].get("reason"))
            for event in list(self.inbox.events.values())
            if event["data"]["stream"] == stream
        ]


@contextmanager
def receiving() -> Iterator[tuple[Receiver, Gate]]:
    receiver = Receiver()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            receiver, log_config=None, lifespan="off", ws="none", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        with Gate("127.0.0.1", listener.getsockname()[1]) as gate:
            try:
                yield receiver, gate
            finally:
                receiver.manners = "good"
                server.should_exit = True
                thread.join()
