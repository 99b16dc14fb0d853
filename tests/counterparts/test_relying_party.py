"""The certified library openid-client comes to our server: every grant, every client proof."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest_asyncio
from joserfc.jwk import ECKey
from starlette.applications import Starlette

from innohub.app import create_app
from innohub.db import identifiers
from innohub.db.unit_of_work import Database, utc_now
from innohub.identity.models import Organisation, Role
from innohub.settings import Settings
from tests import factories
from tests.counterparts.party import told
from tests.security.flow import Person, Program, a_program
from tests.web.browser import a_port, serving
from tests.web.visitor import Seen

BACK = "https://program.test/back"
VIEWER = "{ viewer { name isClient } }"


@dataclass
class Running:
    """The hub at a port of its own, and somebody who is signed in to it."""

    app: Starlette
    settings: Settings
    database: Database
    supplier: Organisation
    ada: Person

    async def program(self, **given: Any) -> Program:
        return await a_program(self.database, self.supplier, **{"redirect_uris": [BACK], **given})

    async def visit(self, url: str) -> str:
        """Ada goes there, allows what is asked, and is sent back."""
        answer = await self.ada.client.get(url)
        if answer.status_code == 200:
            form = Seen(answer).form("allow")
            sent = {f["name"]: f["value"] for f in form.all("input", type="hidden")}
            answer = await self.ada.client.post(url, data=sent)
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    async def told(
        self, program: Program, steps: list[dict[str, Any]], proof: str = "basic", **setup: Any
    ) -> list[Any]:
        given = {
            "issuer": self.settings.base_url,
            "client_id": program.client_id,
            "secret": program.secret,
            "redirect_uri": program.redirect_uri,
            "proof": proof,
            "discovery": "oauth2",
        }
        return await told(steps, self.visit, **{**given, **setup})


@pytest_asyncio.fixture
async def running(database: Database, settings: Settings) -> AsyncIterator[Running]:
    database.clock = utc_now
    with a_port() as bound:
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        own = settings.model_copy(update={"base_url": url, "redis_url": None})
        app = create_app(own)
        supplier = await factories.a_supplier(database)
        somebody = await factories.somebody(database, supplier, Role.SUPPLIER_ADMIN, "Ada Admin")
        async with serving(app, bound):
            ada = Person(app, url)
            ada.client = httpx2.AsyncClient(base_url=url, trust_env=False)
            ada.person = somebody.person
            await ada.sign_in_as(somebody.person)
            yield Running(app, own, database, supplier, ada)
            await ada.client.aclose()


def in_order(found: list[Any]) -> list[Any]:
    for one in found:
        assert "error" not in one, found
    return found


async def test_a_machine_with_a_secret_in_the_header_or_the_body(running: Running) -> None:
    program = await running.program()
    steps = [
        {"do": "client_credentials", "scope": "listings.read"},
        {"do": "graphql", "query": VIEWER},
        {"do": "introspect"},
        {"do": "revoke"},
        {"do": "introspect"},
    ]
    for proof in ("basic", "post"):
        tokens, asked, known, _, gone = in_order(await running.told(program, steps, proof))
        assert (tokens["token_type"], tokens["scope"]) == ("bearer", "listings.read")
        assert asked["data"]["viewer"] == {"name": "Bodycam Desk", "isClient": True}
        assert (known["active"], known["client_id"]) == (True, program.client_id)
        assert gone == {"active": False}


async def test_a_person_lets_a_program_act_and_it_refreshes(running: Running) -> None:
    code = {"do": "code", "scope": "listings.read"}
    steps = [code, {"do": "graphql", "query": VIEWER}, {"do": "refresh"}, {"do": "refresh"}]
    uris = ["http://127.0.0.1/back"]
    public = await running.program(proof="none", redirect_uris=uris)
    for program, proof in ((await running.program(), "basic"), (public, "none")):
        first, asked, second, third = in_order(await running.told(program, steps, proof))
        assert asked["data"]["viewer"]["name"] == "Ada Admin, through Bodycam Desk"
        assert len({each["refresh_token"] for each in (first, second, third)}) == 3
        again = {"do": "refresh", "token": first["refresh_token"]}
        last = {"do": "refresh", "token": third["refresh_token"]}
        refused = await running.told(program, [again, last], proof)
        assert [each["error"] for each in refused] == ["invalid_grant"] * 2


async def test_a_program_that_signs_hands_over_beforehand_and_holds_a_key(running: Running) -> None:
    key = ECKey.generate_key("P-256", {"kid": "one"})
    jwks = json.dumps({"keys": [key.as_dict(private=False)]})
    program = await running.program(proof="private_key_jwt", jwks=jwks, dpop_bound=True)
    steps = [
        {"do": "client_credentials", "scope": "listings.read"},
        {"do": "graphql", "query": VIEWER},
        {"do": "code", "scope": "openid listings.read", "pushed": True},
        {"do": "graphql", "query": VIEWER},
        {"do": "refresh"},
        {"do": "introspect"},
        {"do": "revoke", "which": "refresh_token"},
        {"do": "introspect"},
    ]
    setup = {"jwk": key.as_dict(private=True), "alg": "ES256", "dpop": True, "discovery": "oidc"}
    found = in_order(await running.told(program, steps, "private_key_jwt", **setup))
    assert [found[n]["token_type"] for n in (0, 2, 4)] == ["dpop"] * 3
    assert found[3]["data"]["viewer"]["name"] == "Ada Admin, through Bodycam Desk"
    assert (found[5]["active"], found[7]["active"]) == (True, False)


async def test_a_secret_and_a_public_program_hand_over_beforehand_too(running: Running) -> None:
    steps = [{"do": "code", "scope": "listings.read", "pushed": True}, {"do": "refresh"}]
    public = await running.program(proof="none", redirect_uris=["http://127.0.0.1/back"])
    secret = await running.program()
    in_order(await running.told(secret, steps, "post", dpop=True))
    in_order(await running.told(public, steps, "none", dpop=True))


async def test_the_library_believes_what_our_server_says_of_itself(running: Running) -> None:
    [metadata] = await running.told(await running.program(), [{"do": "metadata"}])
    assert metadata["issuer"] == running.settings.base_url
    assert metadata["authorization_response_iss_parameter_supported"] is True
    assert metadata["code_challenge_methods_supported"] == ["S256"]


async def test_a_program_learns_who_the_person_is(running: Running) -> None:
    scope = "openid profile email listings.read"
    subject = identifiers.encode("Person", running.ada.person.id)
    steps = [
        {"do": "code", "scope": scope, "parameters": {"max_age": "600"}},
        {"do": "userinfo", "subject": subject},
        {"do": "end_session", "parameters": {"post_logout_redirect_uri": BACK}},
    ]
    program = await running.program(post_logout_redirect_uris=[BACK])
    tokens, known, ending = in_order(await running.told(program, steps, discovery="oidc"))
    assert tokens["claims"]["sub"] == subject
    assert known == {
        "sub": subject, "name": "Ada Admin", "email": running.ada.person.email,
    }  # fmt: skip
    hinted = f"{ending['url']}&id_token_hint={tokens['id_token']}"
    answer = await running.ada.client.get(hinted)
    assert (answer.status_code, answer.headers["location"]) == (303, BACK)
    asked = await running.ada.client.get("/account")
    assert asked.status_code == 303
