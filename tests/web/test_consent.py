"""The pages on which a supplier's administrator lets the hub in, and what they say of a no."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx2
import pytest
import pytest_asyncio

from innohub.db import identifiers
from innohub.db.unit_of_work import Database
from innohub.hub.models import Connection, ConnectionState
from innohub.identity.models import Role
from innohub.settings import Settings
from tests.counterparts import CONNECTORS, oidc
from tests.counterparts.oidc import AuthorizationServer
from tests.factories import a_supplier, somebody
from tests.hub.consented import SECRET, a_server, settings_at
from tests.hub.keys import rsa_pair
from tests.web.connections import Scene
from tests.web.visitor import Seen, Visitor

BACK = "http://hub.test/integrations/callback"


@pytest.fixture(scope="module")
def server() -> Iterator[AuthorizationServer]:
    with a_server(BACK) as server:
        yield server


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"connector_paths": [CONNECTORS]})


@pytest_asyncio.fixture
async def scene(database: Database) -> Scene:
    supplier = await a_supplier(database, "Plovergate")
    return Scene(
        database,
        supplier,
        admin=await somebody(database, supplier, Role.SUPPLIER_ADMIN),
        viewer=await somebody(database, supplier, Role.SUPPLIER_VIEWER),
        rival=await somebody(database, await a_supplier(database), Role.SUPPLIER_ADMIN),
    )


def form_of(server: AuthorizationServer) -> dict[str, object]:
    config = {f"config.{name}": value for name, value in settings_at(server).items()}
    return {
        "name": "Our tickets",
        **config,
        "secrets.client_secret": SECRET,
        "event_types": ["", "pilot.*"],
        "poison_policy": "block",
    }


@pytest_asyncio.fixture
async def added(visitor: Visitor, scene: Scene, server: AuthorizationServer) -> Connection:
    await visitor.sign_in_as(scene.admin.person)
    page = await visitor.send("/integrations/new?connector=consented", "create", form_of(server))
    assert page.heading == "Our tickets is added"
    assert page.links("Next: let the hub in")
    assert "whsec_" not in page.response.text, "nobody over there verifies a signature"
    return await scene.connection()


async def leave(visitor: Visitor, connection: Connection) -> str:
    """Choose Connect. The address that the page leads to."""
    page = await visitor.send(f"/integrations/{connection.id}", "authorise", {})
    assert page.status == 200
    refresh = page.document.one("meta", **{"http-equiv": "refresh"})["content"]
    (address,) = {link for link in page.links() if link.startswith("http")}
    assert refresh == f"0; url={address}"
    return address


async def come_back(visitor: Visitor, address: str) -> Seen:
    parts = urlsplit(address)
    answer = await visitor.client.get(f"{parts.path}?{parts.query}")
    if answer.status_code == 303:
        return await visitor.see(answer.headers["location"])
    return Seen(answer)


async def test_the_way_there_and_back(visitor: Visitor, scene: Scene, added: Connection) -> None:
    before = await visitor.see(f"/integrations/{added.id}")
    assert "Nobody has let the hub in yet." in before.main.text
    assert BACK in before.main.text
    page = await come_back(visitor, await oidc.let_in(await leave(visitor, added)))
    assert page.heading == "Our tickets"
    assert page.flash.startswith("Our tickets is connected.")
    assert (await scene.connection()).state is ConnectionState.ACTIVE
    assert not page.document.all("button", string="Connect")


async def test_a_no_is_told_and_the_connection_is_as_before(
    visitor: Visitor, scene: Scene, added: Connection
) -> None:
    address = await oidc.let_in(await leave(visitor, added), denying=True)
    page = await come_back(visitor, address)
    assert (page.status, page.heading) == (400, "The system is not connected")
    assert "said no" in page.main.text
    assert page.links("Back to the connection") == [f"/integrations/{added.id}"]
    assert (await scene.connection()).state is ConnectionState.AUTHORISING


async def test_somebody_who_signed_in_anew_begins_again(
    visitor: Visitor, scene: Scene, added: Connection
) -> None:
    address = await oidc.let_in(await leave(visitor, added))
    await visitor.sign_in_as(scene.admin.person)
    page = await come_back(visitor, address)
    assert "signed in anew" in page.main.text


async def test_a_stranger_who_comes_back_signs_in_first(
    visitor: Visitor, added: Connection
) -> None:
    visitor.client.cookies.clear()
    answer = await visitor.client.get("/integrations/callback?state=x&code=y")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=")


@pytest.mark.parametrize(
    "query", ["", "?state=x", "?state=%E2%98%83&code=%C3%A9", "?error=access_denied"]
)
async def test_an_answer_to_nothing_is_told(
    visitor: Visitor, scene: Scene, added: Connection, query: str
) -> None:
    page = await visitor.see(f"/integrations/callback{query}")
    assert page.status == 400
    assert "belongs to nothing that was begun here" in page.main.text
    assert page.links("Back to your integrations") == ["/integrations"]


async def test_only_who_may_connect_has_the_button(
    visitor: Visitor, scene: Scene, added: Connection
) -> None:
    await visitor.sign_in_as(scene.viewer.person)
    assert not (await visitor.see(f"/integrations/{added.id}")).has_form("authorise")


async def test_an_api_client_may_ask_for_the_address(
    visitor: Visitor, scene: Scene, added: Connection
) -> None:
    query = """mutation Ask($input: AuthoriseConnectionInput!) {
        authoriseIntegration(input: $input) {
            ... on InvitationPayload { url expiresInSeconds integration { state } }
            ... on Failure { message }
        }
    }"""
    input = {"connectionId": identifiers.encode("Integration", added.id)}
    answer: httpx2.Response = await visitor.client.post(
        "/graphql", json={"query": query, "variables": {"input": input}}
    )
    found = answer.json()["data"]["authoriseIntegration"]
    assert found["expiresInSeconds"] == 600
    assert found["integration"] == {"state": "AUTHORISING"}
    page = await come_back(visitor, await oidc.let_in(found["url"]))
    assert page.flash.startswith("Our tickets is connected.")


async def test_a_key_is_pasted_into_a_text_box_and_never_comes_back(
    visitor: Visitor, scene: Scene
) -> None:
    await visitor.sign_in_as(scene.admin.person)
    form = {
        "name": "Our records",
        "config.endpoint": "https://records.plovergate.com",
        "config.token_url": "https://login.plovergate.com/token",
        "config.client_id": "innohub",
        "event_types": ["", "pilot.*"],
        "poison_policy": "block",
    }
    new = "/integrations/new?connector=signed"
    cut = rsa_pair().key_pem[:800]
    page = await visitor.send(new, "create", form | {"secrets.private_key": cut})
    assert page.status == 400
    assert page.problems == ["This private key cannot be read: copy the whole file."]
    assert page.form("create").one("textarea", name="secrets.private_key").text.strip() == ""
    assert cut[60:100] not in page.response.text

    pasted = rsa_pair().key_pem.replace("\n", "\r\n")
    page = await visitor.send(new, "create", form | {"secrets.private_key": pasted})
    assert page.heading == "Our records is connected"
    page = await visitor.see(f"/integrations/{(await scene.connection()).id}")
    assert "Stored sealed" in page.main.text
    assert pasted[60:100] not in page.response.text
