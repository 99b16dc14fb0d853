"""The middleware behind the real server, spoken to in raw octets."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
import uvicorn
from starlette.applications import Starlette

Speak = Callable[[bytes], Awaitable[bytes]]


@pytest_asyncio.fixture
async def speak(app: Starlette) -> AsyncIterator[Speak]:
    config = uvicorn.Config(app, lifespan="off", log_config=None, server_header=False)
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    serving = asyncio.create_task(server.serve([listening]))
    port = listening.getsockname()[1]

    async def speak(octets: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(octets)
            await writer.drain()
            return await asyncio.wait_for(reader.read(), 5)
        except ConnectionError:
            return b""
        finally:
            writer.close()

    yield speak
    server.should_exit = True
    await serving


def status(answer: bytes) -> bytes:
    return answer.split(b" ", 2)[1]


HEAD = b"Host: hub.test\r\nConnection: close\r\n"


@pytest.mark.parametrize(
    "head",
    [
        b"GET /form HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n",
        b"GET /form HTTP/1.1\r\nHost: hub.test\r\nHost: hub.test\r\nConnection: close\r\n\r\n",
        b"GET /form HTTP/1.0\r\n\r\n",
        b"GET /address/%00 HTTP/1.1\r\n" + HEAD + b"\r\n",
        b"GET /address/?q=%00 HTTP/1.1\r\n" + HEAD + b"\r\n",
        b"GET /address/\xff HTTP/1.1\r\n" + HEAD + b"\r\n",
        b"GET /address/?q=\xff HTTP/1.1\r\n" + HEAD + b"\r\n",
    ],
)
async def test_a_request_that_is_not_for_us_or_no_request_is_a_400(
    speak: Speak, head: bytes
) -> None:
    assert status(await speak(head)) == b"400"


async def test_an_announced_body_over_the_limit_ends_the_connection(speak: Speak) -> None:
    head = b"POST /body HTTP/1.1\r\nHost: hub.test\r\nContent-Length: 99999999\r\n\r\n"
    answer = await speak(head + b"x" * 1000)
    assert status(answer) == b"413"
    assert b"connection: close" in answer.lower()


async def test_a_chunked_body_over_the_limit_ends_the_connection(speak: Speak) -> None:
    head = b"POST /body HTTP/1.1\r\nHost: hub.test\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    answer = await speak(head + chunk * 20)
    assert answer == b"" or status(answer) == b"413"


async def test_what_is_served_names_no_software_and_carries_its_id(speak: Speak) -> None:
    answer = (await speak(b"GET /form HTTP/1.1\r\n" + HEAD + b"\r\n")).lower()
    assert status(answer) == b"200"
    assert b"\r\nserver:" not in answer
    assert b"\r\nx-request-id:" in answer
