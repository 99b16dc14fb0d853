"""From a request to who calls."""

import httpx2
import pytest
from starlette.applications import Starlette

from innohub.db.engine import ReadPool
from innohub.db.unit_of_work import Database
from innohub.identity.actor import SYSTEM
from innohub.identity.commands import AddPerson
from innohub.identity.directory import add_person
from innohub.identity.models import Organisation
from innohub.identity.permissions import Scope
from innohub.settings import Settings
from tests import factories
from tests.conftest import Clock
from tests.identity.a_hub import Machine, a_machine, a_token, an_app
from tests.web.security.pages import routes
from tests.web.security.test_csrf import token
from tests.web.security.test_same_site import FOREIGN

PASSWORD = "correct horse battery"
ADA = {"email": "ada@people.example", "password": PASSWORD}
COOKIE = "__Host-innohub_session"


@pytest.fixture
def app(database: Database, reads: ReadPool, settings: Settings) -> Starlette:
    return an_app(database, reads, settings, *routes)


@pytest.fixture
async def ada(database: Database) -> None:
    async with database.unit_of_work(SYSTEM.signature()) as work:
        await add_person(work, SYSTEM, AddPerson.parse({"name": "Ada", **ADA}))


@pytest.fixture
async def machine(database: Database) -> Machine:
    supplier: Organisation = await factories.a_supplier(database)
    return await a_machine(database, supplier, Scope.LISTINGS_READ)


async def log_in(browser: httpx2.AsyncClient, **given: str) -> httpx2.Response:
    form = {"csrf_token": await token(browser), **ADA, **given}
    return await browser.post("/login", data=form)


async def who(browser: httpx2.AsyncClient, **headers: str) -> str:
    name: str = (await browser.get("/whoami", headers=headers)).json()["name"]
    return name


MALFORMED = [
    "Bearer", "Bearer ", "Bearer iha_unknown", "bearer iha_unknown", "Bearer a b", "Bearer \u00fc",
    "Bearer \x00", "Bearer ,", "Basic aWhjOng=", "Digest x", "x", "",
]  # fmt: skip


async def test_an_authorization_header_that_does_not_count_is_nobodys_request(
    browser: httpx2.AsyncClient, ada: None
) -> None:
    await log_in(browser)
    for given in MALFORMED:
        answer = await browser.get("/whoami", headers=[(b"Authorization", given.encode())])
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith('Bearer realm="InnoHub"')
        assert answer.headers["cache-control"] == "no-store"


async def test_machines_are_not_asked_where_they_come_from(browser: httpx2.AsyncClient) -> None:
    for headers in FOREIGN:
        form = {"grant_type": "password"}
        answer = await browser.post("/oauth/token", data=form, headers=headers)
        assert answer.json()["error"] == "unsupported_grant_type"
        with_token = {**headers, "Authorization": "Bearer iha_unknown"}
        assert (await browser.post("/whoami", headers=with_token)).status_code == 401


async def test_two_authorization_headers_are_refused(
    browser: httpx2.AsyncClient, machine: Machine
) -> None:
    header = ("Authorization", f"Bearer {await a_token(browser, machine)}")
    answer = await browser.get("/whoami", headers=[header, header])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert 'error="invalid_request"' in answer.headers["www-authenticate"]


async def test_an_expired_or_revoked_token_is_answered_as_rfc_6750_asks(
    browser: httpx2.AsyncClient, machine: Machine, clock: Clock
) -> None:
    expired, revoked = await a_token(browser, machine), await a_token(browser, machine)
    await browser.post("/oauth/revoke", data={"token": revoked}, headers=machine.basic)
    clock.pass_days(0.5)
    for dead in (expired, revoked):
        answer = await browser.get("/whoami", headers={"Authorization": f"Bearer {dead}"})
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_a_token_in_the_address_or_the_body_is_not_read(
    browser: httpx2.AsyncClient, machine: Machine
) -> None:
    access_token = await a_token(browser, machine)
    answer = await browser.get("/whoami", params={"access_token": access_token})
    assert answer.json()["name"] == "Not signed in"
    answer = await browser.post("/whoami", data={"access_token": access_token})
    assert answer.json()["name"] == "Not signed in"


async def test_a_bearer_is_who_the_token_says_not_the_cookies_owner(
    browser: httpx2.AsyncClient, machine: Machine, ada: None
) -> None:
    await log_in(browser)
    access_token = await a_token(browser, machine)
    assert await who(browser, Authorization=f"bEARER {access_token}") == "Sync"
    assert await who(browser) == "Ada"


async def test_a_cookie_that_we_did_not_sign_is_a_strangers(browser: httpx2.AsyncClient) -> None:
    for planted in ("", "x", "ihn_x.y", "\u00fc", '"', "a.b.c", "." * 5000):
        headers = [(b"Cookie", f"{COOKIE}={planted}".encode())]
        answer = await browser.get("/whoami", headers=headers)
        assert (answer.status_code, answer.json()["name"]) == (200, "Not signed in")


async def test_the_visit_cookies_signature_does_not_make_a_session(
    browser: httpx2.AsyncClient,
) -> None:
    await token(browser)
    visit = browser.cookies["__Host-innohub_visit"]
    answer = await browser.get("/whoami", headers={"Cookie": f"{COOKIE}={visit}"})
    assert answer.json()["name"] == "Not signed in"


async def test_a_sign_in_needs_its_forms_token(browser: httpx2.AsyncClient, ada: None) -> None:
    answer = await browser.post("/login", data=ADA)
    assert (answer.status_code, answer.json()["code"]) == (403, "forged")
    assert await who(browser) == "Not signed in"


async def test_a_wrong_password_sets_no_cookie(browser: httpx2.AsyncClient, ada: None) -> None:
    answer = await log_in(browser, password="incorrect horse")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert "set-cookie" not in answer.headers


async def test_the_sixth_wrong_password_has_to_wait(browser: httpx2.AsyncClient, ada: None) -> None:
    for _ in range(5):
        assert (await log_in(browser, password="incorrect horse")).status_code == 400
    assert (await log_in(browser)).status_code == 429


async def test_the_session_cookie_is_out_of_reach_and_signed(
    browser: httpx2.AsyncClient, ada: None
) -> None:
    answer = await log_in(browser)
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith(COOKIE))
    for attribute in ("HttpOnly", "Path=/", "SameSite=lax", "Secure", "Max-Age=129600"):
        assert attribute in cookie
    assert "Domain" not in cookie
    assert await who(browser) == "Ada"
    kept = browser.cookies[COOKIE]
    for forged in (kept[:-1], kept.rpartition(".")[0], kept[:10] + "X" + kept[11:]):
        answer = await browser.get("/whoami", headers={"Cookie": f"{COOKIE}={forged}"})
        assert answer.json()["name"] == "Not signed in"


async def test_signing_in_rotates_the_session_and_outdates_its_forms(
    browser: httpx2.AsyncClient, ada: None
) -> None:
    before_sign_in = await token(browser)
    await log_in(browser)
    first = browser.cookies[COOKIE]
    assert (await browser.post("/save", data={"csrf_token": before_sign_in})).status_code == 403
    await log_in(browser)
    assert browser.cookies[COOKIE] != first
    answer = await browser.get("/whoami", headers={"Cookie": f"{COOKIE}={first}"})
    assert answer.json()["name"] == "Not signed in"


async def test_signing_out_ends_the_session_for_a_copied_cookie_too(
    browser: httpx2.AsyncClient, ada: None
) -> None:
    await log_in(browser)
    copied = browser.cookies[COOKIE]
    assert (await browser.post("/logout")).status_code == 400
    form = {"csrf_token": await token(browser)}
    assert (await browser.post("/logout", data=form)).status_code == 200
    assert COOKIE not in browser.cookies
    assert await who(browser, Cookie=f"{COOKIE}={copied}") == "Not signed in"


async def test_a_session_expires(browser: httpx2.AsyncClient, ada: None, clock: Clock) -> None:
    await log_in(browser)
    clock.pass_days(0.5)
    assert await who(browser) == "Not signed in"


async def test_graphql_with_a_cookie_takes_nothing_that_a_foreign_form_could_send(
    browser: httpx2.AsyncClient, ada: None
) -> None:
    await log_in(browser)
    for content_type in (
        "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
        "application/jsonx", "text/plain; application/json",
    ):  # fmt: skip
        headers = {"Content-Type": content_type}
        answer = await browser.post("/graphql", content=b"{}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "forged")


async def test_graphql_with_a_cookie_takes_json_and_with_a_token_anything(
    browser: httpx2.AsyncClient, ada: None, machine: Machine
) -> None:
    await log_in(browser)
    headers = {"Content-Type": "application/json; charset=utf-8"}
    assert (await browser.post("/graphql", content=b"{}", headers=headers)).text == "Ada"
    assert (await browser.get("/graphql")).text == "Ada"
    bearer = {"Authorization": f"Bearer {await a_token(browser, machine)}"}
    assert (await browser.post("/graphql", content=b"{}", headers=bearer)).text == "Sync"
