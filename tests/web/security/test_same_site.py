from typing import Any

import httpx2
import pytest
from starlette.types import Message, Receive, Scope, Send

from innohub.settings import Settings
from innohub.web.security.same_site import SameSite
from tests.web.security.test_csrf import token

FOREIGN = [
    {"Origin": "https://evil.test"},
    {"Origin": "null"},
    {"Origin": "http://hub.test"},
    {"Origin": "https://hub.test.evil.test"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "nonsense"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://hub.test"},
]
OWN = [
    {},
    {"Origin": "https://hub.test"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://hub.test"},
    {"Sec-Fetch-Site": "none"},
]


@pytest.mark.parametrize("headers", FOREIGN)
async def test_a_change_from_another_site_is_refused_even_with_a_token(
    browser: httpx2.AsyncClient, headers: dict[str, str]
) -> None:
    form = {"csrf_token": await token(browser)}
    answer = await browser.post("/save", data=form, headers=headers)
    assert (answer.status_code, answer.text) == (403, "Cross-site request refused")


@pytest.mark.parametrize("headers", FOREIGN)
async def test_reading_from_another_site_is_not_refused(
    browser: httpx2.AsyncClient, headers: dict[str, str]
) -> None:
    assert (await browser.get("/form", headers=headers)).status_code == 200


@pytest.mark.parametrize("headers", OWN)
async def test_a_change_from_our_own_page_is_taken(
    browser: httpx2.AsyncClient, headers: dict[str, str]
) -> None:
    form = {"csrf_token": await token(browser)}
    assert (await browser.post("/save", data=form, headers=headers)).status_code == 200


@pytest.mark.parametrize(
    ("cookie", "origin", "opens"),
    [
        (b"__Host-innohub_session=x", b"https://evil.test", False),
        (b"__Host-innohub_session=x", b"null", False),
        (b"__Host-innohub_session=x", b"https://hub.test", True),
        (b"__Host-innohub_session=x", None, True),
        (b"other=x", b"https://evil.test", True),
    ],
)
async def test_a_socket_with_a_session_opens_from_our_own_pages_only(
    settings: Settings, cookie: bytes, origin: bytes | None, opens: bool
) -> None:
    opened: list[Any] = []
    sent: list[Message] = []

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        opened.append(scope)

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"host", b"hub.test"), (b"cookie", cookie)]
    if origin is not None:
        headers.append((b"origin", origin))
    scope: Scope = {"type": "websocket", "path": "/graphql", "headers": headers}
    await SameSite(inner, settings=settings)(scope, None, send)  # type: ignore[arg-type]
    assert bool(opened) is opens
    assert [message["type"] for message in sent] == ([] if opens else ["websocket.close"])
