"""The web process's manners towards clients, over real sockets."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from innohub.cli import serve
from innohub.settings import Settings

IMPATIENT = 0.5


async def slow(request: Request) -> PlainTextResponse:
    body = await request.body()
    await asyncio.sleep(IMPATIENT * 2)
    return PlainTextResponse(f"{len(body)} bytes")


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server with our options, whose patience is short."""

    class Impatient(serve.PunctualProtocol):
        request_seconds = IMPATIENT

    app = Starlette(routes=[Route("/", slow, methods=["POST"])])
    settings = Settings(data_dir=Path(tmp_path_factory.mktemp("serve")), port=0)
    options = serve.options(settings) | {"factory": False, "http": Impatient, "lifespan": "off"}
    server = uvicorn.Server(uvicorn.Config(app, **options))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join()


def reply(port: int, *parts: bytes, pause: float = 0) -> tuple[bytes, float]:
    """All that comes back for these parts, and the seconds until the connection closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        began = time.monotonic()
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            for part in parts:
                connection.sendall(part)
                time.sleep(pause)
        received = b""
        with contextlib.suppress(ConnectionResetError):
            while part := connection.recv(65536):
                received += part
        return received, time.monotonic() - began


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [b"POST / HTTP/1.1\r\nHost: hub.test\r\n"],
        [b"POST / HTTP/1.1\r\nHost: hub.test\r\nContent-Length: 9\r\n\r\n", b"abc"],
        [b"P", b"O", b"S", b"T", b" ", b"/", b" ", b"H", b"T", b"T", b"P"],
    ],
    ids=["silence", "half a header", "half a body", "a byte at a time"],
)
def test_a_request_that_does_not_arrive_is_cut_off(port: int, parts: list[bytes]) -> None:
    received, seconds = reply(port, *parts, pause=0.1)
    assert received == b""
    assert IMPATIENT * 0.8 < seconds < IMPATIENT + 2


def test_a_slow_answer_to_a_whole_request_is_not_cut_off_and_names_no_server(port: int) -> None:
    asked = (
        b"POST / HTTP/1.1\r\nHost: hub.test\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc"
    )
    received, _ = reply(port, asked)
    assert received.startswith(b"HTTP/1.1 200")
    assert received.endswith(b"3 bytes")
    assert b"server:" not in received.lower()


def test_headers_over_the_limit_are_refused(port: int) -> None:
    asked = b"POST / HTTP/1.1\r\nHost: hub.test\r\nX: " + b"a" * serve.HEADER_BYTES + b"\r\n"
    received, _ = reply(port, asked)
    assert received.startswith(b"HTTP/1.1 400")
