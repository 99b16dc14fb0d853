import httpx2
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs

from innohub.web.security.faults import Faults


async def test_a_fault_shows_its_request_id_and_nothing_else(browser: httpx2.AsyncClient) -> None:
    with capture_logs() as logs:
        answer = await browser.get("/fault", headers={"X-Request-ID": "trace-1234"})
    assert answer.status_code == 500
    assert answer.text == "Something went wrong. Request id: trace-1234"
    (entry,) = logs
    assert (entry["event"], entry["route"], entry["exc_info"]) == ("request.failed", "/fault", True)


async def test_the_page_of_a_fault_may_be_rendered() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError

    def render(request: Request, status: int) -> PlainTextResponse:
        return PlainTextResponse(f"Sorry, {request.url.path}", status)

    transport = httpx2.ASGITransport(app=Faults(broken, render=render))
    async with httpx2.AsyncClient(transport=transport, base_url="http://hub.test") as browser:
        assert (await browser.get("/x")).text == "Sorry, /x"


async def test_a_database_that_is_away_is_no_fault_and_says_when_to_come_back() -> None:
    async def refused(scope: Scope, receive: Receive, send: Send) -> None:
        raise ConnectionRefusedError

    transport = httpx2.ASGITransport(app=Faults(refused))
    async with httpx2.AsyncClient(transport=transport, base_url="http://hub.test") as browser:
        with capture_logs() as logs:
            answer = await browser.get("/x")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [
        ("request.database_away", "warning")
    ]


async def test_a_client_that_left_is_no_fault() -> None:
    async def left(scope: Scope, receive: Receive, send: Send) -> None:
        raise ClientDisconnect

    with capture_logs() as logs:
        await Faults(left)({"type": "http", "path": "/x"}, None, None)  # type: ignore[arg-type]
    assert [entry["event"] for entry in logs] == ["request.abandoned"]
