"""A program that asks, and a person at a browser who lets it act for them."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
from starlette.applications import Starlette

from innohub.db.unit_of_work import Database
from innohub.identity import models
from innohub.identity.actor import SYSTEM
from innohub.identity.commands import RegisterClient
from innohub.identity.oauth import clients
from innohub.identity.oauth.families import challenge_of
from innohub.settings import Settings
from tests.identity.a_hub import basic
from tests.web.visitor import Seen, Visitor

BACK = "https://program.test/back?tenant=7"
VERIFIER = "0123456789-abcdefghijklmnopqrstuvwxyz-._~ABCDEF"
AUTHORIZE = "/oauth/authorize"


@dataclass(frozen=True)
class Program:
    """A registered client, as its makers know it."""

    id: int
    client_id: str
    secret: str | None = field(repr=False)
    redirect_uri: str = BACK

    @property
    def basic(self) -> dict[str, str]:
        return {} if self.secret is None else basic(self.client_id, self.secret)

    def asks(self, **changes: Any) -> str:
        """The query of an authorization request; None leaves a parameter out."""
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "state": "s t/a+te",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
            **changes,
        }
        return urlencode({name: value for name, value in asked.items() if value is not None})

    def shows(self, code: str, /, **changes: Any) -> dict[str, str]:
        """The form that changes a code for tokens."""
        public = {} if self.secret else {"client_id": self.client_id}
        given = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": VERIFIER,
            **public,
            **changes,
        }
        return {name: value for name, value in given.items() if value is not None}

    async def post(self, hub: httpx2.AsyncClient, form: dict[str, str]) -> httpx2.Response:
        return await hub.post("/oauth/token", data=form, headers=self.basic)

    async def refreshes(
        self, hub: httpx2.AsyncClient, token: str, **changes: str
    ) -> httpx2.Response:
        public = {} if self.secret else {"client_id": self.client_id}
        form = {"grant_type": "refresh_token", "refresh_token": token, **public, **changes}
        return await self.post(hub, form)


async def a_program(
    database: Database, organisation: models.Organisation, *scopes: str, **given: Any
) -> Program:
    uris = given.pop("redirect_uris", [BACK])
    command = RegisterClient.parse(
        {
            "organisation_id": organisation.id,
            "name": "Bodycam Desk",
            "scopes": list(scopes or ("listings.read", "listings.write")),
            "redirect_uris": uris,
            **given,
        }
    )
    async with database.unit_of_work(SYSTEM.signature()) as work:
        made = await clients.register_client(work, SYSTEM, command, sandbox_open=True)
    return Program(made.client.id, made.client.client_id, made.secret, uris[0])


class Person(Visitor):
    """Somebody at a browser of their own."""

    person: models.Person

    @classmethod
    async def at(cls, app: Starlette, settings: Settings, person: models.Person) -> "Person":
        browser = cls(app, settings.base_url)
        browser.person = person
        await browser.sign_in_as(person)
        return browser

    async def asked(self, program: Program, **changes: Any) -> httpx2.Response:
        return await self.client.get(f"{AUTHORIZE}?{program.asks(**changes)}")

    async def answers(self, program: Program, do: str = "allow", **changes: Any) -> dict[str, str]:
        """Open the page of consent and press a button: what goes back to the program."""
        address = f"{AUTHORIZE}?{program.asks(**changes)}"
        shown = await self.client.get(address)
        if shown.status_code == 200:
            form = Seen(shown).form(do)
            sent = {f["name"]: f["value"] for f in form.all("input", type="hidden")}
            shown = await self.client.post(address, data=sent)
        return sent_back(shown, program, self.app.state.settings.base_url)

    async def code_for(self, program: Program, **changes: Any) -> str:
        return (await self.answers(program, **changes))["code"]

    async def tokens_for(self, program: Program, **changes: Any) -> dict[str, Any]:
        code = await self.code_for(program, **changes)
        answer = await program.post(self.client, program.shows(code))
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


def sent_back(
    answer: httpx2.Response, program: Program, issuer: str = "https://hub.test"
) -> dict[str, str]:
    """The parameters that the browser carries to the program, and to nowhere else."""
    assert answer.status_code == 303, answer.text
    address = answer.headers["location"]
    assert address.startswith(program.redirect_uri), address
    told = dict(parse_qsl(urlsplit(address).query, strict_parsing=True))
    assert told["iss"] == issuer
    return told


async def alive(hub: httpx2.AsyncClient, token: str) -> bool:
    """Whether an access token opens anything."""
    query = {"query": "{ viewer { isClient } }"}
    headers = {"Authorization": f"Bearer {token}"}
    answer = await hub.post("/graphql", json=query, headers=headers)
    assert answer.status_code in (200, 401), answer.text
    return answer.status_code == 200
