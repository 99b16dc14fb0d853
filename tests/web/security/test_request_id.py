import httpx2
import pytest
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from innohub.web.security.request_id import RequestId


async def bound(request: Request) -> Response:
    return JSONResponse(structlog.contextvars.get_contextvars())


@pytest.fixture
def hub() -> httpx2.AsyncClient:
    app = RequestId(Starlette(routes=[Route("/", bound)]))
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://hub.test")


@pytest.mark.parametrize(
    "given",
    [b"", b"short", b"x" * 65, b"a b c d e f", b"abc\tdefgh", b"\xff\xfe\xfd" * 4, b"a;b=cdefgh"],
)
async def test_an_insane_id_is_replaced(hub: httpx2.AsyncClient, given: bytes) -> None:
    answer = await hub.get("/", headers=[(b"X-Request-ID", given)])
    made = answer.headers["x-request-id"]
    assert len(made) == 32
    assert answer.json() == {"request_id": made}


async def test_a_sane_id_is_kept_and_bound_to_the_log(hub: httpx2.AsyncClient) -> None:
    answer = await hub.get("/", headers={"X-Request-ID": "trace-12.34_AB"})
    assert answer.headers["x-request-id"] == "trace-12.34_AB"
    assert answer.json() == {"request_id": "trace-12.34_AB"}
    assert structlog.contextvars.get_contextvars() == {}


async def test_every_request_has_an_id_of_its_own(hub: httpx2.AsyncClient) -> None:
    made = {(await hub.get("/")).headers["x-request-id"] for _ in range(3)}
    assert len(made) == 3
