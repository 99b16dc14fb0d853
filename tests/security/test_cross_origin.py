"""Programs in a browser, on a site of their own: which may read what, and never with a cookie."""

from datetime import timedelta

import httpx2
import pytest
import pytest_asyncio

from innohub.db.unit_of_work import Database
from innohub.identity.actor import SYSTEM
from innohub.identity.commands import RevokeClient
from innohub.identity.models import Organisation
from innohub.identity.oauth import clients
from innohub.identity.oauth.redirects import web_origin_of
from tests.conftest import Clock
from tests.security.flow import Person, Program, a_program

SITE = "https://program.test"
ALLOWED = "access-control-allow-origin"
OPEN = ("/oauth/token", "/oauth/revoke", "/oauth/userinfo", "/graphql", "/graphql/stream")
VIEWER = {"query": "{ viewer { name } }"}


@pytest_asyncio.fixture
async def public(database: Database, supplier: Organisation) -> Program:
    return await a_program(database, supplier, proof="none")


async def preflight(hub: httpx2.AsyncClient, path: str, origin: str = SITE) -> httpx2.Response:
    asks = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    hub.cookies.clear()
    return await hub.options(path, headers=asks)


async def test_a_public_clients_site_goes_from_its_code_to_the_api(
    ada: Person, public: Program
) -> None:
    code = await ada.code_for(public, scope="openid listings.read")
    hub = ada.client
    for path in OPEN:
        answer = await preflight(hub, path)
        assert (answer.status_code, answer.headers[ALLOWED]) == (204, SITE), path
        assert "access-control-allow-credentials" not in answer.headers
        asked = answer.headers["access-control-allow-headers"]
        assert ("Authorization" in asked) == (path not in ("/oauth/token", "/oauth/revoke"))
    there = {"Origin": SITE}
    granted = await hub.post("/oauth/token", data=public.shows(code), headers=there)
    assert (granted.status_code, granted.headers[ALLOWED]) == (200, SITE)
    held = there | {"Authorization": f"Bearer {granted.json()['access_token']}"}
    for answer in (
        await hub.post("/graphql", json=VIEWER, headers=held | {"Sec-Fetch-Site": "cross-site"}),
        await hub.get("/oauth/userinfo", headers=held),
    ):
        assert (answer.status_code, answer.headers[ALLOWED]) == (200, SITE)
        assert "Origin" in answer.headers.get_list("vary")[-1]
        assert "access-control-allow-credentials" not in answer.headers
    refused = await hub.post("/graphql", json=VIEWER, headers=there | {"Authorization": "Bearer x"})
    assert (refused.status_code, refused.headers[ALLOWED]) == (401, SITE)


@pytest.mark.parametrize(
    "origin",
    ["https://elsewhere.test", "https://program.test.elsewhere.test", "http://program.test",
     "https://program.test:8443", "https://PROGRAM.test", "null", "*", ""],
)  # fmt: skip
async def test_another_site_is_told_nothing(ada: Person, public: Program, origin: str) -> None:
    assert public.secret is None
    for path in OPEN:
        assert ALLOWED not in (await preflight(ada.client, path, origin)).headers
    held = {"Origin": origin, "Authorization": "Bearer x"}
    assert ALLOWED not in (await ada.client.post("/graphql", json=VIEWER, headers=held)).headers


async def test_a_client_with_a_secret_and_one_that_has_ended_have_no_site(
    ada: Person, supplier: Organisation, database: Database, clock: Clock
) -> None:
    await a_program(database, supplier)
    assert ALLOWED not in (await preflight(ada.client, "/graphql")).headers
    clock.now += timedelta(seconds=11)
    public = await a_program(database, supplier, proof="none")
    assert ALLOWED in (await preflight(ada.client, "/graphql")).headers
    async with database.unit_of_work(SYSTEM.signature()) as work:
        await clients.revoke_client(work, SYSTEM, RevokeClient(client_id=public.id))
    clock.now += timedelta(seconds=11)
    assert ALLOWED not in (await preflight(ada.client, "/graphql")).headers


async def test_a_cookie_opens_nothing_to_another_site(ada: Person, public: Program) -> None:
    """Not with a token beside it, either: a site that wants cookies sent wants something else."""
    assert public.secret is None
    answer = await ada.client.post("/graphql", json=VIEWER, headers={"Origin": SITE})
    assert (answer.status_code, ALLOWED in answer.headers) == (403, False)
    query = {"query": VIEWER["query"]}
    answer = await ada.client.get("/graphql", params=query, headers={"Origin": SITE})
    assert ALLOWED not in answer.headers
    held = {"Origin": SITE, "Authorization": "Bearer x"}
    assert ALLOWED not in (await ada.client.post("/graphql", json=VIEWER, headers=held)).headers
    for page in ("/", "/programs", "/oauth/authorize", "/oauth/par", "/oauth/introspect"):
        assert ALLOWED not in (await preflight(ada.client, page)).headers


async def test_what_is_published_is_for_every_site(hub: httpx2.AsyncClient) -> None:
    for path in ("/oauth/jwks", "/.well-known/openid-configuration"):
        answer = await hub.get(path, headers={"Origin": "https://anybody.test"})
        assert (answer.status_code, answer.headers[ALLOWED]) == (200, "*")
        assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(
    ("uri", "origin"),
    [
        ("https://A.example:443/back?x=1", "https://a.example"),
        ("https://a.example:8443/", "https://a.example:8443"),
        ("http://127.0.0.1:5173/back", "http://127.0.0.1:5173"),
        ("http://[::1]/back", "http://[::1]"),
        ("uk.example.app:/back", None),
    ],
)
def test_a_site_is_written_as_browsers_write_it(uri: str, origin: str | None) -> None:
    assert web_origin_of(uri) == origin
