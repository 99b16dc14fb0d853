import re

import httpx2
import pytest

from innohub.settings import Settings
from tests.identity.a_hub import a_client, an_app

EVERYWHERE = ["/form", "/nowhere", "/fault", "/.well-known/oauth-authorization-server"]


@pytest.mark.parametrize("path", EVERYWHERE)
async def test_every_answer_is_guarded_errors_too(browser: httpx2.AsyncClient, path: str) -> None:
    headers = (await browser.get(path)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    for directive in (
        "style-src 'self'", "img-src 'self' data:", "font-src 'self'", "connect-src 'self'",
        "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'",
    ):  # fmt: skip
        assert directive in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["strict-transport-security"].startswith("max-age=63072000")
    assert headers["x-request-id"]


async def test_the_nonce_of_the_page_is_the_nonce_of_the_policy_and_never_used_twice(
    browser: httpx2.AsyncClient,
) -> None:
    nonces = set()
    for _ in range(3):
        answer = await browser.get("/ids")
        nonce = answer.json()["nonce"]
        assert f"'nonce-{nonce}'" in answer.headers["content-security-policy"]
        assert re.fullmatch(r"[\w-]{22}", nonce)
        nonces.add(nonce)
    assert len(nonces) == 3


async def test_a_response_may_carry_a_policy_of_its_own(browser: httpx2.AsyncClient) -> None:
    answer = await browser.get("/own-policy")
    assert answer.headers.get_list("content-security-policy") == ["sandbox"]


async def test_a_page_is_kept_by_no_cache_unless_it_says_so(browser: httpx2.AsyncClient) -> None:
    assert (await browser.get("/page")).headers["cache-control"] == "no-store"
    own = {"Cache-Control": "public, max-age=60"}
    assert (await browser.get("/page", params=own)).headers["cache-control"] == own["Cache-Control"]


async def test_plain_http_promises_no_https(settings: Settings) -> None:
    plain = settings.model_copy(update={"base_url": "http://hub.test"})
    async with a_client(an_app(None, None, plain), plain) as browser:
        assert "strict-transport-security" not in (await browser.get("/whoami")).headers
