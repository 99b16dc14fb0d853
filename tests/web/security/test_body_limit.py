from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from innohub.web.security.body_limit import DEFAULT, BodyLimit
from tests.web.security.pages import body, unread


async def chunks(count: int, size: int = 64 * 1024) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * size


@pytest.fixture
def hub() -> httpx2.AsyncClient:
    routes = [Route(path, body, methods=["POST"]) for path in ("/body", "/upload", "/upload/small")]
    inner = Starlette(routes=[*routes, Route("/unread", unread, methods=["POST"])])
    app = BodyLimit(inner, by_path={"/upload": 4 * DEFAULT, "/upload/small": 100})
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://hub.test")


async def test_an_announced_body_over_the_limit_is_refused_unread(hub: httpx2.AsyncClient) -> None:
    for path in ("/body", "/unread"):
        answer = await hub.post(path, content=b"x" * (DEFAULT + 1))
        assert answer.status_code == 413
        assert answer.headers["connection"] == "close"


async def test_a_chunked_body_is_cut_off_at_the_limit() -> None:
    taken = 0

    async def counted() -> AsyncIterator[bytes]:
        nonlocal taken
        async for chunk in chunks(1000):
            taken += len(chunk)
            yield chunk

    app = BodyLimit(Starlette(routes=[Route("/body", body, methods=["POST"])]))
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://hub.test") as hub:
        answer = await hub.post("/body", content=counted())
    assert answer.status_code == 413
    assert taken <= 2 * DEFAULT


@pytest.mark.parametrize("length", ["-1", "nonsense", "1e9", "\u0661", "5"])
async def test_a_length_that_lies_helps_nobody(hub: httpx2.AsyncClient, length: str) -> None:
    headers = [(b"Content-Length", length.encode())]
    answer = await hub.post("/body", content=chunks(100), headers=headers)
    assert answer.status_code == 413


async def test_a_path_may_have_its_own_limit_and_the_closest_counts(
    hub: httpx2.AsyncClient,
) -> None:
    assert (await hub.post("/body", content=b"x" * DEFAULT)).status_code == 200
    assert (await hub.post("/upload", content=b"x" * 4 * DEFAULT)).text == str(4 * DEFAULT)
    assert (await hub.post("/upload", content=b"x" * (4 * DEFAULT + 1))).status_code == 413
    assert (await hub.post("/upload/small", content=b"x" * 101)).status_code == 413
    assert (await hub.post("/upload/small", content=b"x" * 100)).status_code == 200
