import httpx2
import pytest
from starlette.applications import Starlette

from innohub.settings import Settings
from tests.identity.a_hub import FORM, a_client


async def token(browser: httpx2.AsyncClient) -> str:
    return (await browser.get("/form")).text


async def test_a_form_without_its_token_is_refused(browser: httpx2.AsyncClient) -> None:
    await token(browser)
    for form in ({}, {"csrf_token": ""}, {"csrf_token": "."}, {"csrf_token": "a.b"}):
        answer = await browser.post("/save", data={"name": "x", **form})
        assert (answer.status_code, answer.json()["code"]) == (403, "forged")


@pytest.mark.parametrize(
    "odd", ["\x00.\x00", "\u00fc.\u00fc", "\U0001f511", "." * 1000, "x" * 9000]
)
async def test_an_odd_token_is_refused(browser: httpx2.AsyncClient, odd: str) -> None:
    await token(browser)
    answer = await browser.post("/save", data={"csrf_token": odd})
    assert (answer.status_code, answer.json()["code"]) == (403, "forged")


async def test_a_file_instead_of_a_token_is_refused(browser: httpx2.AsyncClient) -> None:
    files = {"csrf_token": ("t.txt", (await token(browser)).encode())}
    assert (await browser.post("/save", files=files)).status_code == 403


async def test_another_browsers_token_is_refused(
    browser: httpx2.AsyncClient, app: Starlette, settings: Settings
) -> None:
    async with a_client(app, settings) as attacker:
        theirs = await token(attacker)
        assert (await attacker.post("/save", data={"csrf_token": theirs})).status_code == 200
    for cookies_first in (False, True):
        if cookies_first:
            await token(browser)
        answer = await browser.post("/save", data={"csrf_token": theirs})
        assert (answer.status_code, answer.json()["code"]) == (403, "forged")


async def test_a_visit_cookie_that_we_did_not_sign_binds_nothing(
    browser: httpx2.AsyncClient,
) -> None:
    for planted in ("planted", "planted.signature", "\u00fc"):
        mine = (await browser.get("/form")).text
        browser.cookies.clear()
        headers = [(b"Cookie", f"__Host-innohub_visit={planted}".encode())]
        answer = await browser.post("/save", data={"csrf_token": mine}, headers=headers)
        assert answer.status_code == 403


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/json", "multipart/mixed"])
async def test_what_is_no_form_is_refused(browser: httpx2.AsyncClient, content_type: str) -> None:
    body = f"csrf_token={await token(browser)}"
    answer = await browser.post("/save", content=body, headers={"Content-Type": content_type})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


async def test_a_malformed_multipart_body_is_refused(browser: httpx2.AsyncClient) -> None:
    for content_type in ("multipart/form-data", "multipart/form-data; boundary=x"):
        headers = {"Content-Type": content_type}
        answer = await browser.post("/save", content=b"--y\r\nnonsense", headers=headers)
        assert answer.status_code in (400, 403)


async def test_text_with_a_nul_is_refused(browser: httpx2.AsyncClient) -> None:
    mine = await token(browser)
    for form in ({"name": "a\x00b"}, {"na\x00me": "b"}):
        answer = await browser.post("/save", data={"csrf_token": mine, **form})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


async def test_our_own_form_is_taken_and_its_token_is_not_a_field(
    browser: httpx2.AsyncClient,
) -> None:
    mine = await token(browser)
    answer = await browser.post("/save", data={"csrf_token": mine, "name": "x", "more": ["1", "2"]})
    assert answer.json() == [["name", "x"], ["more", "1"], ["more", "2"]]


async def test_our_own_upload_is_taken(browser: httpx2.AsyncClient) -> None:
    answer = await browser.post(
        "/save",
        data={"csrf_token": await token(browser)},
        files={"trial": ("trial.csv", b"arm,n\r\n")},
    )
    assert answer.json() == [["trial", "arm,n\r\n"]]


async def test_tokens_differ_and_all_of_them_count(browser: httpx2.AsyncClient) -> None:
    one, two = await token(browser), await token(browser)
    assert one != two
    for mine in (one, two):
        assert (await browser.post("/save", data={"csrf_token": mine})).status_code == 200


async def test_the_visit_cookie_is_out_of_reach(browser: httpx2.AsyncClient) -> None:
    answer = await browser.get("/form")
    (cookie,) = answer.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-innohub_visit=")
    for attribute in ("HttpOnly", "Path=/", "SameSite=lax", "Secure"):
        assert attribute in cookie
    assert "Domain" not in cookie
    assert (await browser.get("/form")).headers.get_list("set-cookie") == []


async def test_an_empty_form_body_is_no_fault(browser: httpx2.AsyncClient) -> None:
    assert (await browser.post("/save", content=b"", headers=FORM)).status_code == 403
