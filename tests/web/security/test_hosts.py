import httpx2
import pytest
from starlette.applications import Starlette
from starlette.types import Message, Receive, Scope, Send

from innohub.web.security import hosts


@pytest.mark.parametrize(
    "host",
    [
        "evil.test",
        "hub.test.evil.test",
        "hub.test@evil.test",
        "evil.test:443",
        "",
        "hub.test/x",
        "a b",
    ],
)
async def test_another_host_is_refused(browser: httpx2.AsyncClient, host: str) -> None:
    answer = await browser.get("/form", headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.text


async def test_a_socket_for_another_host_is_refused(app: Starlette) -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"host", b"evil.test")]
    scope: Scope = {"type": "websocket", "path": "/graphql", "headers": headers}
    await app(scope, None, send)  # type: ignore[arg-type]
    assert (sent[0]["type"], sent[0]["status"]) == ("websocket.http.response.start", 400)


async def test_several_hosts_are_refused(browser: httpx2.AsyncClient) -> None:
    headers = [("Host", "hub.test"), ("Host", "evil.test")]
    assert (await browser.get("/form", headers=headers)).status_code == 400


async def test_our_own_host_is_served_with_and_without_a_port(browser: httpx2.AsyncClient) -> None:
    for host in ("hub.test", "HUB.test", "hub.test:8443"):
        assert (await browser.get("/form", headers={"Host": host})).status_code == 200


async def test_a_probe_may_ask_by_address(browser: httpx2.AsyncClient) -> None:
    assert (await browser.get("/healthz", headers={"Host": "10.0.0.7:8000"})).status_code == 200


@pytest.mark.parametrize(
    ("base_url", "names"),
    [
        ("https://Hub.example:8443", ["hub.example"]),
        ("http://127.0.0.1:8000", ["localhost", "127.0.0.1", "[::1]"]),
        ("http://[::1]:8000", ["localhost", "127.0.0.1", "[::1]"]),
        ("http://[2001:db8::1]", ["[2001:db8::1]"]),
    ],
)
def test_the_names_follow_from_the_public_address(base_url: str, names: list[str]) -> None:
    assert hosts.allowed(base_url) == names


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/address/\0", b""),
        ("/address/\ud800", b""),
        ("/address/", b"q=%00"),
        ("/address/", b"q=\xff"),
        ("/address/", b"q=a\0"),
    ],
)
async def test_an_address_that_cannot_be_stored_is_refused(path: str, query: bytes) -> None:
    async def unreachable(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {"type": "http", "path": path, "query_string": query, "headers": []}
    await hosts.PlainAddress(unreachable)(scope, None, send)  # type: ignore[arg-type]
    assert sent[0]["status"] == 400


async def test_odd_but_storable_addresses_are_served(browser: httpx2.AsyncClient) -> None:
    for path in ("/address/%F0%9F%94%91", "/address/%ff%fe", "/address/?q=%ff", "/address/%5C%22"):
        assert (await browser.get(path)).status_code == 200
